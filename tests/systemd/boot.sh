#!/bin/sh
# Boots systemd as process 1 of a machine of its own, made of namespaces over a throw-away copy of this machine's files,
# with no unit but the journal and dehusk. To be run by `unshare` with new namespaces for everything.
#   boot.sh FOLDER BINARY SYSTEMD-FOLDER   with the program and its unit in place
#   boot.sh FOLDER PACKAGE                 without them, and with the Debian package as /dehusk.deb
# FOLDER is empty, and everything in it is gone with the namespaces.
set -eu
folder=$1
shift
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/changes" "$folder/scratch" "$folder/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/scratch" "$folder/root"
root=$folder/root
mount -t proc proc "$root/proc"
# Nothing in here may change the settings of the kernel that it shares with everybody else.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for place in run tmp dev var/lib; do mount -t tmpfs -o mode=755 tmpfs "$root/$place"; done
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"

# Only our units: an empty machine has nothing to mount, load or set.
rm -rf "$root"/etc/systemd/system/* "$root"/lib/systemd/system/*.wants "$root"/lib/systemd/system-generators/*
rm -rf "$root"/etc/fstab "$root"/etc/systemd/journald.conf.d
for target in sysinit basic local-fs local-fs-pre multi-user shutdown; do
  printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" > "$root/etc/systemd/system/$target.target"
done
printf '[Unit]\nRequires=systemd-journald.service\nAfter=systemd-journald.service\nDefaultDependencies=no\n' \
  > "$root/etc/systemd/system/trial.target"
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nForwardToConsole=no\nRateLimitIntervalSec=0\n' > "$root/etc/systemd/journald.conf.d/trial.conf"
echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"

sed '/^dehusk:/d' /etc/passwd > "$root/etc/passwd"
sed '/^dehusk:/d' /etc/group > "$root/etc/group"
rm -rf "$root/etc/dehusk"

# dehusk, as a package installs it.
put_in_place() {
  binary=$1 files=$2
  : > "$root/usr/bin/dehusk"
  chmod 755 "$root/usr/bin/dehusk"
  mount --bind "$binary" "$root/usr/bin/dehusk"
  mkdir -p "$root/etc/dehusk/rules" "$root/etc/systemd/system/dehusk.service.d"
  cp "$files/dehusk.service" "$root/etc/systemd/system/"
  cp "$files/dehusk.toml" "$root/etc/dehusk/"
  # A patience that a test can wait for, and as many restarts as it likes.
  printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nWatchdogSec=3\n' > "$root/etc/systemd/system/dehusk.service.d/trial.conf"
  cp "$files/sysusers.d/dehusk.conf" "$root/etc/sysusers.conf"
  cp "$files/tmpfiles.d/dehusk.conf" "$root/etc/tmpfiles.conf"
  chroot "$root" systemd-sysusers /etc/sysusers.conf
  chroot "$root" systemd-tmpfiles --create /etc/tmpfiles.conf
}

# What dpkg knows of this machine, and leave for packages to start services, which containers often take.
ready_for_package() {
  cp "$1" "$root/dehusk.deb"
  mkdir "$folder/packages" "$folder/packages-scratch" "$root/var/lib/dpkg"
  mount -t overlay overlay \
    -o "lowerdir=/var/lib/dpkg,upperdir=$folder/packages,workdir=$folder/packages-scratch" "$root/var/lib/dpkg"
  rm -f "$root/usr/sbin/policy-rc.d"
}

if [ $# = 1 ]; then ready_for_package "$1"; else put_in_place "$1" "$2"; fi

# The new root has to be the root of all mounts: services get namespaces of their own below it.
cd "$root"
mkdir before
pivot_root . before
umount -l before
exec env -i container=other PATH="$PATH" \
  /lib/systemd/systemd --system --unit=trial.target --log-target=journal --log-level=notice --show-status=0
