#!/bin/sh
# The guest's first process: started on this machine's own files, which it only reads, it lays a file system in memory
# over them, goes on in that, and runs the command. What it needs to know stands on the kernel's command line, `lapilli_…`.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

if [ -z "$INSIDE" ]; then
    mount -n -t proc proc /proc
    for word in $(cat /proc/cmdline); do
        case $word in lapilli_*=*) export "${word?}" ;; esac
    done
    mount -n -t tmpfs tmpfs /mnt
    mkdir /mnt/changes /mnt/work /mnt/userland /mnt/modules /mnt/root
    mount -n -t hostfs -o "$lapilli_userland" hostfs /mnt/userland
    mount -n -t hostfs -o "$lapilli_modules" hostfs /mnt/modules
    mount -n -t overlay -o lowerdir=/mnt/userland:/,upperdir=/mnt/changes,workdir=/mnt/work overlay /mnt/root || exit 1
    cd /mnt/root || exit 1
    mount -n -t proc proc proc
    mount -n -t sysfs sys sys
    mount -n -t devtmpfs dev dev
    mount -n -t tmpfs tmpfs run
    mount -n -t tmpfs tmpfs mnt
    # Another's leftovers are not the guest's; but a checkout may lie there, too.
    case $lapilli_folder in /tmp/*) ;; *) mount -n -t tmpfs tmpfs tmp ;; esac
    mkdir -p usr/lib/modules
    cp -r /mnt/modules/. usr/lib/modules
    IFS=:
    for folder in $lapilli_run $lapilli_writable; do
        mkdir -p "/mnt/root$folder"
        mount -n -t hostfs -o "$folder" hostfs "/mnt/root$folder"
    done
    unset IFS
    # Whoever is only in a chroot gets no user namespaces.
    mkdir mnt/outside
    pivot_root . mnt/outside
    INSIDE=yes exec chroot . /bin/sh "$lapilli_run/init.sh"
fi
unset INSIDE
umount -l /mnt/outside
rmdir /mnt/outside

export HOME=/root LANG=C.UTF-8
hostname lapilli-guest
echo "127.0.1.1 lapilli-guest" >>/etc/hosts
ip link set lo up
mkdir -p /dev/pts /dev/shm /run/lock/iscsi /run/lock/lvm /run/lvm /etc/iscsi /etc/nvme /etc/target
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t configfs configfs /sys/kernel/config
mount -t debugfs debugfs /sys/kernel/debug
mkdir -p /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
chmod 1777 /tmp /dev/shm

# What the packages would have made or set when they were installed.
echo /etc/target >/sys/kernel/config/target/dbroot
echo "InitiatorName=iqn.1993-08.org.debian:01:lapilli-guest" >/etc/iscsi/initiatorname.iscsi
# A refused login is told after one try; the default keeps trying for minutes.
[ ! -f /etc/iscsi/iscsid.conf ] || sed -i 's/^\(node.session.initial_login_retry_max =\).*/\1 1/' /etc/iscsi/iscsid.conf
# So is a refused NVMe host: nvmet may hang up before it answers, and the default waits for the answer for 60 seconds.
echo 10 >/sys/module/nvme_core/parameters/admin_timeout
cat /proc/sys/kernel/random/uuid >/etc/nvme/hostid
echo "nqn.2014-08.org.nvmexpress:uuid:$(cat /etc/nvme/hostid)" >/etc/nvme/hostnqn

depmod
# One udevd only: with a second, thin pools fail with "device not cleared".
/lib/systemd/systemd-udevd --daemon 2>/dev/null
udevadm trigger --subsystem-match=block
udevadm settle --timeout=20

# Both are pipes of the runner: bytes go through as they are.
stty -F /dev/tty1 -opost -echo
stty -F /dev/tty2 -opost -echo
cd "$lapilli_folder" || exit 1
/bin/sh "$lapilli_run/command" </dev/null >/dev/tty1 2>/dev/tty2
echo $? >"$lapilli_run/status"
sync
python3 -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321FEDC)' # LINUX_REBOOT_CMD_POWER_OFF
