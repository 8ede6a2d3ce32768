# SPDX-License-Identifier: GPL-2.0-only
# The tour's end: many guests made and destroyed, and nothing of them is left.
# Sourced by lab/tour, whose functions it uses.

nodes() { xenstore-ls -f / | grep -vc '^/local/domain/0/'; }
memory() {
	rm -f /var/log/xen/xl-*
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	sed -n 's/^MemFree: *\([0-9]*\).*/\1/p' /proc/meminfo
}
ports() { grep -c . /sys/kernel/debug/xenpv/events 2>/dev/null; }

# Made and destroyed as fast as it goes
round() { xl create -q -p "/guest/$1.cfg" && xl unpause "$1" && xl destroy "$1"; }

rounds() {
	kind=$1
	[ "${rounds:-0}" -gt 0 ] || return
	round "$kind"; round "$kind"; sleep 2
	memory=$(memory) nodes=$(nodes) ports=$(ports) n=0
	while [ $n -lt "$rounds" ] && round "$kind"; do
		n=$((n + 1))
		[ $((n % 10)) != 0 ] || echo "round $n of $rounds, $(memory) kB free" >&2
	done
	[ $n = "$rounds" ]; rc=$?
	verdict "rounds-$kind" "$n"
	sleep 3
	alone; rc=$?
	verdict rounds-domains "$(domains)"
	[ "$(nodes)" = "$nodes" ]; rc=$?
	verdict rounds-nodes "$nodes before, $(nodes) after"
	[ "$(ports)" = "$ports" ]; rc=$?
	verdict rounds-ports "$ports before, $(ports) after"
	[ $((memory - $(memory))) -lt 1024 ]; rc=$?
	verdict rounds-memory "$memory kB before, $(memory) kB after"
}
