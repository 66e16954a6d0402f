#!/usr/bin/env bash
# Makes a disk image and a Vagrant box of Debian 12 from Debian's packages: `make-box.sh FOLDER`, as root.
#
#     FOLDER/debian-12.qcow2    for plain QEMU: cloud-init is in it
#     FOLDER/debian-12.box      the same for Vagrant with libvirt: user vagrant, Vagrant's public key
#
# No loop device and no grub-install: mke2fs fills the file system from a folder, and GRUB's two parts
# are written to where the BIOS looks. What the workshop needs from apt is in it, so that a machine can
# be provisioned without a network (LAB_OFFLINE=1).
set -euo pipefail
folder=$1
mkdir -p "$folder"
work=$(mktemp -d "$folder/making-XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
image=$work/disk.img
grub=/usr/lib/grub/i386-pc

# libpam-systemd: without it a provisioner that waits for a reboot waits for ever.
packages=systemd-sysv,libpam-systemd,dbus,udev,openssh-server,sudo,rsync,cloud-init,netbase,iproute2
packages+=,linux-image-amd64,initramfs-tools,grub2-common,grub-pc-bin,kmod,apparmor,systemd-resolved
packages+=,ca-certificates,curl,tmux,gcc,libc6-dev,busybox-static,nftables,util-linux,procps,tree
packages+=,unionfs-fuse,attr,libcap2-bin,perl,skopeo,umoci,less,bsdutils,bsdextrautils

# The public half of the key that every Vagrant has.
vagrant_key=$(cat "$(find /usr /opt -name vagrant.pub -path '*keys*' -print -quit)")

system() {
  # shellcheck disable=SC2016 # expanded by the hook's own shell
  # MODULES=most: it must find its disk on hardware that nobody has described to it.
  mmdebstrap --quiet --variant=minbase --include="$packages" \
    --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d" && echo MODULES=most > "$1/etc/initramfs-tools/conf.d/lab"' \
    bookworm "$root"
  printf 'LABEL=lab-root / ext4 defaults 0 1\n' > "$root/etc/fstab"
  echo debian > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 debian\n' > "$root/etc/hosts"
  printf '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n' > "$root/etc/systemd/network/80-dhcp.network"
  chroot "$root" systemctl --quiet enable systemd-networkd systemd-resolved ssh serial-getty@ttyS0
  # A clone has to get an identity and keys of its own.
  : > "$root/etc/machine-id"
}

user() {
  chroot "$root" useradd --create-home --shell /bin/bash vagrant
  echo 'vagrant ALL=(ALL) NOPASSWD:ALL' > "$root/etc/sudoers.d/vagrant"
  install -d -m 700 -o 1000 -g 1000 "$root/home/vagrant/.ssh"
  echo "$vagrant_key" > "$root/home/vagrant/.ssh/authorized_keys"
  chown 1000:1000 "$root/home/vagrant/.ssh/authorized_keys"
  echo 'UseDNS no' > "$root/etc/ssh/sshd_config.d/lab.conf"
}

# no_timer_check: an emulated machine on a busy host fails that check, and its kernel gives up.
boot_files() {
  mkdir -p "$root/boot/grub"
  cp -r "$grub" "$root/boot/grub/"
  cat > "$root/etc/default/grub" << 'GRUB'
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=ttyS0 no_timer_check"
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
GRUB
  cat > "$root/boot/grub/grub.cfg" << 'GRUB'
set timeout=0
menuentry Debian {
  search --no-floppy --label lab-root --set=root
  linux /vmlinuz root=LABEL=lab-root ro console=ttyS0 no_timer_check
  initrd /initrd.img
}
GRUB
}

# One bootable Linux partition from the first MiB to the end: 16 bytes, three empty rows, the signature.
partition_table() {
  printf '\x80\0\0\0\x83\0\0\0\0\x08\0\0'
  local sectors=$((6 * 1024 * 2048 - 2048)) i
  for i in 0 8 16 24; do
    # shellcheck disable=SC2059 # a byte, written as an escape
    printf "\\x$(printf %02x $((sectors >> i & 255)))"
  done
  head -c 48 /dev/zero
  printf '\x55\xaa'
}

disk() {
  truncate -s 6G "$image"
  partition_table | dd of="$image" bs=1 seek=446 conv=notrunc status=none
  mke2fs -q -t ext4 -L lab-root -d "$root" -E offset=1048576 "$image" $(((6 * 1024 - 1) * 1024))k
  grub-mkimage -O i386-pc -o "$work/core.img" -p '(hd0,msdos1)/boot/grub' \
    biosdisk part_msdos ext2 normal linux search search_label search_fs_uuid configfile test echo ls
  dd if="$grub/boot.img" of="$image" bs=440 count=1 conv=notrunc status=none
  dd if="$work/core.img" of="$image" bs=512 seek=1 conv=notrunc status=none
  qemu-img convert -c -O qcow2 "$image" "$work/box.img"
}

box() {
  echo '{"provider": "libvirt", "format": "qcow2", "virtual_size": 6}' > "$work/metadata.json"
  printf 'Vagrant.configure("2") { |config| config.ssh.username = "vagrant" }\n' > "$work/Vagrantfile"
  tar -cf "$work/debian-12.box" -C "$work" metadata.json box.img Vagrantfile
  mv "$work/box.img" "$folder/debian-12.qcow2"
  mv "$work/debian-12.box" "$folder/debian-12.box"
}

system
user
boot_files
disk
box
