# SPDX-License-Identifier: GPL-2.0-only
# Interfaces in the tour: guests on a bridge of the host, TCP both ways, sums compared.
# Sourced by lab/tour, whose functions it uses.

bridge() {
	mkfifo /tmp/quiet
	ip link set lo up
	brctl addbr xenbr0 && echo 0 >/sys/class/net/xenbr0/bridge/forward_delay &&
		ip addr add 10.0.0.1/24 dev xenbr0 && ip link set xenbr0 up; rc=$?
	verdict bridge
}

# sum_of NAME WORD: what the guest said last
sum_of() { sed -n "s/.*$2 //p" "$logs/guest-$1.log" | tail -n 1 | tr -d '\r'; }

# listens NAME: a guest that takes what comes
listens() {
	before=$(grep -c GUEST-LISTENS "$logs/guest-$1.log")
	tell "$1" in
	until_true 20 listening "$1"
}
listening() { [ "$(grep -c GUEST-LISTENS "$logs/guest-$1.log")" -gt "$before" ]; }

# filters NAME: its front has told the back of all groups, and wants no others
filters() { [ "$(xenstore-read "/local/domain/$(xl domid "$1")/device/vif/0/request-multicast-control")" = 1 ]; }

# net NAME: it has an address by now, or gets one
addresses=10
net() {
	grep -q 'vif = ' "/guest/$1.cfg" || return
	addresses=$((addresses + 1))
	eval "address_$1=10.0.0.$addresses"
	tell "$1" net "10.0.0.$addresses"
	until_true 60 heard "$1" 'GUEST-NET .*5 packets received'; rc=$?
	verdict "ping-$1" "$(sum_of "$1" GUEST-NET)"
	[ "$1" != ours ] || { until_true 20 filters "$1"; rc=$?; verdict "groups-$1"; }
	nc -l -p 7000 <>/tmp/quiet | md5sum | cut -c1-32 >/tmp/came & listener=$!
	sleep 1
	tell "$1" out 10.0.0.1
	until_true 120 heard "$1" 'GUEST-OUT 10.0.0.1 ' && wait "$listener" &&
		[ "$(sum_of "$1" 'GUEST-OUT 10.0.0.1')" = "$(cat /tmp/came)" ]; rc=$?
	verdict "tcp-out-$1" "$(cat /tmp/came)"
	head -c 12000000 /dev/urandom >/tmp/goes
	listens "$1" && sleep 1 && nc "10.0.0.$addresses" 7000 </tmp/goes && until_true 120 heard "$1" 'GUEST-IN ' &&
		[ "$(sum_of "$1" GUEST-IN)" = "$(md5sum </tmp/goes | cut -c1-32)" ]; rc=$?
	verdict "tcp-in-$1" "$(sum_of "$1" GUEST-IN)"
}

# between NAME NAME: over the bridge
between() {
	grep -q 'vif = ' "/guest/$1.cfg" || return
	eval "to=\$address_$2"
	listens "$2" && sleep 1 && tell "$1" out "$to" && until_true 120 heard "$1" "GUEST-OUT $to " && sleep 2 &&
		[ "$(sum_of "$1" "GUEST-OUT $to")" = "$(sum_of "$2" GUEST-IN)" ]; rc=$?
	verdict "tcp-$1-to-$2" "$(sum_of "$2" GUEST-IN)"
}
