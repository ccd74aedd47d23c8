#!/bin/sh
# Install the servers that the tests start for themselves, the headers that mysqlclient is built with, an initiator
# in user space, and the tools of two file systems with reflinks.
# No service is started, now or at boot: the tests run private instances on free loopback ports.
set -eu

packages="postgresql-15 mariadb-server-core mariadb-client-core rabbitmq-server openssl
          libmariadb-dev pkg-config gcc python3-dev
          libiscsi-bin xfsprogs btrfs-progs"

missing=""
for package in $packages; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "The test servers are installed."
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Run this as root to install:$missing" >&2
    exit 1
fi

# Both files last only for this installation: the first tells invoke-rc.d that no service may start (101), the second
# keeps PostgreSQL from laying out a cluster of the system's.
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/lapilli-tests.conf
mine=$cluster
mkdir -p "$(dirname "$cluster")"
echo "create_main_cluster = false" >"$cluster"
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    mine="$mine $policy"
fi
# shellcheck disable=SC2064,SC2086
trap "rm -f $mine" EXIT INT TERM

export DEBIAN_FRONTEND=noninteractive
apt-get update
# shellcheck disable=SC2086
apt-get install --yes --no-install-recommends $missing

# A package enables its service for the next boot; one that was there before keeps its setting.
case "$missing " in
*" rabbitmq-server "*) ! command -v systemctl >/dev/null 2>&1 || systemctl disable rabbitmq-server ;;
esac
