#!/bin/sh
# What `lapilli up` needs of the operating system: the iSCSI target, and QEMU's tools to reach volumes without a kernel initiator.
set -eu

packages="tgt qemu-utils qemu-block-extra util-linux"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Install these packages with your system's package manager:$missing" >&2
    exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
# Services are not started: `lapilli up` runs a tgtd of its own, on its own port.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
