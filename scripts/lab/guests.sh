# SPDX-License-Identifier: GPL-2.0-only
# Machines of the lab that have guests: what their dom0 finds in /guest.
# Sourced by lab/boot, whose variables and qemu() it uses.

# guest NAME TYPE KERNEL MEM VCPUS EXTRA: its description for xl
guest() {
	image=kernel-$(basename "$3")
	[ -f "$work/guest/$image" ] || cp "$3" "$work/guest/$image" || exit 1
	cat >"$work/guest/$1.cfg" <<-END
		name = "$1"
		type = "$2"
		kernel = "/guest/$image"
		ramdisk = "/guest/initrd"
		memory = $4
		vcpus = $5
		extra = "console=hvc0 $6"
		$7
		on_poweroff = "destroy"
		on_reboot = "destroy"
		on_crash = "preserve"
	END
}

# with_guests MEM COMMAND...: what COMMAND puts into $work/guest comes on top of the
# toolstack; the machine has MEM MiB
with_guests() {
	dir=$("$here/xen" "$xen" 9>&-) || exit 1
	work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
	mkdir "$work/guest" || exit 1
	machine_mem=$1; shift
	"$@"
	python3 "$TOP/scripts/boot/mkinitramfs" "$work/guest.cpio" guest="$work/guest" || exit 1
	cat "$dir/dom0.cpio" "$work/guest.cpio" >"$work/dom0.cpio"
	qemu -m "$machine_mem" -kernel "$dir/xen" \
		-append "$xenargs dom0_mem=$dom0_mem,max:$dom0_mem dom0_max_vcpus=$dom0_vcpus $XENARGS" \
		-initrd "$(esc "$dom0_args"),$work/dom0.cpio"
}

# guests ITEMS...: a PV guest for each, under Debian's dom0 or DOM0; domains 1, 2...
guests() {
	with_guests $((mem * $# + 1024)) items_guests "$@"
}

items_guests() {
	cp "$init" "$work/guest/initrd" || exit 1
	nr=0
	for each; do
		nr=$((nr + 1))
		disk=
		if [ -n "$DISK" ]; then
			disk="disk = [ \"phy:/dev/loop$((nr - 1)),xvda,w\" ]"
			echo "$DISK" >>"$work/guest/disks"
		fi
		if [ -n "$NET" ]; then
			disk="$disk
			vif = [ \"mac=00:16:3e:00:00:0$nr,bridge=xenbr0\" ]"
			cp "$(dirname "$init")/items/net_costs" "$work/guest/net_peer" || exit 1
		fi
		guest "pv$nr" pv "$kernel" "$mem" "$smp" "earlyprintk=xen $args xenpv.items=$each" "$disk"
	done
	watch="$watch --guest" dom0_mem=640M dom0_vcpus=1
	dom0_args="$dir/vmlinuz console=hvc0 quiet xenpv.wait=$timeout"
	[ -n "$DOM0" ] || return
	[ "$DOM0" != ours ] || DOM0=$kernel
	# It is no neutral one: what it complains of counts, too
	watch="$watch --whole-log"
	dom0_args="$DOM0 console=hvc0 earlyprintk=xen xenpv.wait=$timeout${FLAP:+ xenpv.flap}"
}

# host: Debian's toolstack on this kernel, and lab/tour with GUESTS (ours pv pvh).  QEMU's
# SVM takes interrupts of PVH guests at the wrong time now and then, more often while the
# machine is busy.  With a clock that counts instructions they come when they came before
host() {
	watch= timeout=${TIMEOUT:-900}
	case ${GUESTS:=ours pv pvh} in *pvh*) thread=single accel=$counted ;; esac
	with_guests 2048 tour_guests
}

tour_guests() {
	cp "$here/tour" "$here"/tour_*.sh "$here/block-plain" "$work/guest/" &&
		python3 "$TOP/scripts/boot/mkinitramfs" "$work/guest/initrd" \
			init="$here/guest-init" bin/busybox=/bin/busybox modules="$CACHE/lab/stock/modules" || exit 1
	nr=0
	# A device that needs no driver in dom0 to be made
	keyboard='vkb = [ "backend-type=linux,unique-id=lab" ]'
	for each in $GUESTS; do
		# One from the start, one that comes and goes
		printf '64\n64\n' >>"$work/guest/disks"
		disk="disk = [ \"phy:/dev/loop$nr,xvda,w\" ]"
		nr=$((nr + 2))
		device="$keyboard
		$([ "$NET" = no ] || echo "vif = [ \"mac=00:16:3e:00:00:0$nr,bridge=xenbr0\" ]")
		$disk"
		case $each in
		ours)	guest ours pv "$kernel" 192 2 "quiet panic=-1" "$device" ;;
		pv)	guest pv pv "$dir/vmlinuz" 192 1 "quiet panic=-1" "$device" ;;
		pvh)	guest pvh pvh "$dir/vmlinuz" 192 2 "quiet panic=-1" "$device" ;;
		*)	die "GUESTS: there is no '$each', give some of ours, pv, pvh" ;;
		esac
	done
	dom0_mem=${MEM:-768}M dom0_vcpus=$smp
	[ "$DOM0" != debian ] || DOM0=$dir/vmlinuz
	dom0_args="${DOM0:-$kernel} console=hvc0 earlyprintk=xen panic=-1 xenpv.rounds=${ROUNDS:-0} $CMDLINE"
}
