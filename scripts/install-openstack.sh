#!/bin/sh
# Install an OpenStack program that tests run beside Lapilli: `install-openstack.sh keystone|glance|tempest`.
# Each has a virtual environment of its own, for their dependencies differ, and below /var/tmp, for the servers run as
# nobody and root's own folders are closed to them. It is made anew when its lock file has changed.
set -eu
cd "$(dirname "$0")/.."
lock="requirements/openstack/$1.txt"
place="${LAPILLI_OPENSTACK:-/var/tmp/lapilli}-$1"

cmp -s "$lock" "$place/installed.txt" && exit 0
echo "Installing $1 into $place." >&2
"${PYTHON:-python3}" -m venv --clear "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
cp "$lock" "$place/installed.txt"
