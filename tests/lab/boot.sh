#!/bin/sh
# Becomes systemd, PID 1 of a machine of its own: this host's files, seen through a layer in memory
# that takes every change and goes with the last process.
#
#   boot.sh FOLDER      FOLDER: an empty folder, to build the machine's tree in
#
# Runs as root in new mount, PID, network, UTS, IPC and cgroup namespaces.
set -eu

main() {
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 lab "$1"
    mkdir "$1/changes" "$1/work" "$1/root"
    mount -t overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" lab "$1/root"
    cd "$1/root"
    start_with_nothing_of_the_host
    mount_what_a_kernel_offers
    leave_the_host_alone
    ip link set lo up
    hostname lab
    enter
    # Clock, modules, ports and kernel log belong to the host; all else a systemd may want stays.
    exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-syslog,-wake_alarm,-mac_admin,-mac_override \
        env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        /lib/systemd/systemd --unit=basic.target --show-status=no
}

# No unit of the host is enabled, none of its generators runs, nobody is told not to start services.
start_with_nothing_of_the_host() {
    rm -rf etc/systemd etc/machine-id usr/sbin/policy-rc.d var/log/journal var/lib/systemd
    mkdir -p etc/systemd/system etc/systemd/system-generators etc/systemd/journald.conf.d var/log/journal
    for generator in usr/lib/systemd/system-generators/*; do
        ln -s /dev/null "etc/systemd/system-generators/${generator##*/}"
    done
    printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nAudit=no\nReadKMsg=no\n' \
        > etc/systemd/journald.conf.d/lab.conf
    tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
    printf '127.0.0.1 localhost lab\n' > etc/hosts
    : > etc/fstab
    # Installing a package reads no manual pages.
    rm -f var/lib/man-db/auto-update
    # Chores of a real machine: devices, modules, clocks, consoles. None says anything about a unit.
    for chore in systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
        systemd-udev-trigger.service systemd-modules-load.service systemd-sysctl.service \
        systemd-binfmt.service systemd-timesyncd.service systemd-random-seed.service \
        systemd-hwdb-update.service systemd-update-utmp.service systemd-pstore.service \
        systemd-firstboot.service systemd-boot-update.service kmod-static-nodes.service \
        systemd-remount-fs.service systemd-tmpfiles-setup-dev.service ldconfig.service \
        proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \
        sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount
    do
        ln -s /dev/null "etc/systemd/system/$chore"
    done
}

mount_what_a_kernel_offers() {
    mount -t proc -o nosuid,nodev,noexec proc proc
    mount -t sysfs -o nosuid,nodev,noexec,ro sysfs sys
    mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
    mount -t tmpfs -o nosuid,mode=755,size=1m dev dev
    mkdir dev/pts dev/shm
    for device in null:3 zero:5 full:7 random:8 urandom:9; do
        mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
    done
    mknod -m 666 dev/tty c 5 0
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,nosuid,noexec devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    for stream in stdin:0 stdout:1 stderr:2; do
        ln -s "fd/${stream#*:}" "dev/${stream%:*}"
    done
    mount -t tmpfs -o nosuid,nodev shm dev/shm
    mount -t tmpfs -o nosuid,nodev,mode=755 run run
    mount -t tmpfs -o nosuid,nodev,mode=1777 tmp tmp
}

# The kernel's knobs are the host's: they can be read, not turned.
leave_the_host_alone() {
    for knobs in proc/sys proc/irq proc/bus proc/sysrq-trigger; do
        [ -e "$knobs" ] || continue
        mount --bind "$knobs" "$knobs"
        mount -o remount,bind,ro "$knobs"
    done
}

# The new tree becomes `/`; the old one is let go.
enter() {
    mkdir -p run/host
    pivot_root . run/host
    cd /
    umount -l run/host
    # Services get their credentials through mounts that PID 1 hands on.
    mount --make-rshared /
}

main "$@"
