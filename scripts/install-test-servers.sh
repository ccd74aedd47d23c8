#!/bin/sh
# Install the servers that the tests start for themselves, and the headers that mysqlclient is built with.
# No service is started, now or at boot: the tests run private instances on free loopback ports.
set -eu

packages="postgresql-15 postgresql-client-15 mariadb-server-core mariadb-client-core
          rabbitmq-server
          openssl libmariadb-dev pkg-config gcc python3-dev"

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

# invoke-rc.d asks this program whether it may start a service; 101 is "no". One that is there already stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT INT TERM
fi

# Debian's PostgreSQL creates and enables a cluster at installation, unless told not to.
mkdir -p /etc/postgresql-common/createcluster.d
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/lapilli-tests.conf

export DEBIAN_FRONTEND=noninteractive
apt-get update
# shellcheck disable=SC2086
apt-get install --yes --no-install-recommends $missing
for service in postgresql rabbitmq-server; do
    if command -v systemctl >/dev/null 2>&1; then
        case $missing in *"$service"*) systemctl disable "$service" >/dev/null 2>&1 || true ;; esac
    fi
done
