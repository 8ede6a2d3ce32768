# SPDX-License-Identifier: GPL-2.0-only
# Disks in the tour: what a guest has written stands in the device or file behind its disk.
# Sourced by lab/tour, whose functions it uses.

# on_disk NAME DEVICE FILE: the guest has written, and the same is in the file
on_disk() {
	tell "$1" disk "$2"
	until_true 60 heard "$1" "GUEST-DISK $2 " || return
	set -- $(sed -n "s/.*GUEST-DISK $2 //p" "$logs/guest-$1.log" | tr -d '\r') $(head -c 12000000 "$3" | md5sum)
	[ "$1" = "$2" ] && [ "$1" = "$3" ]
}

# disks NAME: the one that it has, and one that comes and goes
disks() {
	first=$(sed -n 's/.*phy:.dev.loop\([0-9]*\),.*/\1/p' "/guest/$1.cfg")
	on_disk "$1" xvda "/tmp/disk$first"; rc=$?
	verdict "disk-$1" "$(sed -n 's/.*GUEST-DISK xvda //p' "$logs/guest-$1.log")"
	xl block-attach "$1" "phy:/dev/loop$((first + 1)),xvdb,w" 2>&1 && on_disk "$1" xvdb "/tmp/disk$((first + 1))"; rc=$?
	verdict "block-attach-$1"
	xl block-detach "$1" xvdb 2>&1 && sleep 1 && [ "$(xl block-list "$1" | wc -l)" = 2 ]; rc=$?
	verdict "block-detach-$1"
	[ ! -d /sys/bus/xen-backend/drivers/xenpv-blkback ] || plain "$1"
}

# Sectors read of what the file system of plain files is on
plain_reads() { awk -v d="${loop#/dev/}" '$3 == d { print $6 }' /proc/diskstats; }

# A disk that is a plain file of a file system, whose data go past the page cache.  Holes
# are filled by way of the page cache in a file system without extents, so there are none.
plain() {
	if [ ! -d /plain ]; then
		cp /guest/block-plain /etc/xen/scripts/
		loop=/dev/loop$(wc -l </guest/disks)
		mkdir /plain && truncate -s 100M /tmp/plain && losetup "$loop" /tmp/plain &&
			mke2fs "$loop" >/dev/null && mount -t ext2 "$loop" /plain
	fi 2>&1
	reads=$(plain_reads)
	dd if=/dev/zero of="/plain/$1" bs=1M count=16 2>/dev/null && sync &&
		xl block-attach "$1" "script=block-plain,vdev=xvdc,access=rw,target=/plain/$1" 2>&1 &&
		on_disk "$1" xvdc "/plain/$1" && [ $(($(plain_reads) - reads)) -ge 23437 ]; rc=$?
	verdict "disk-file-$1" "$(($(plain_reads) - reads)) sectors read of its disk"
	# Nobody has it open any more
	xl block-detach "$1" xvdc 2>&1 && rm "/plain/$1" && until_true 20 umount /plain 2>/dev/null && mount -t ext2 "$loop" /plain; rc=$?
	verdict "file-free-$1"
}
