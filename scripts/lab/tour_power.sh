# SPDX-License-Identifier: GPL-2.0-only
# Power in the tour: what the toolstack asks of a guest, which does it itself, and what it does without asking.
# Sourced by lab/tour, whose functions it uses.

ups() { grep -c GUEST-UP "$logs/guest-$1.log"; }
up_again() { [ "$(ups "$1")" -gt "$2" ]; }

# key NAME: a magic key, which the guest's kernel takes
key() {
	xl sysrq "$1" h 2>&1 && until_true 20 heard "$1" 'sysrq: HELP' &&
		[ -z "$(xenstore-read "/local/domain/$(xl domid "$1")/control/sysrq")" ]; rc=$?
	verdict "sysrq-$1"
}

# again NAME: it goes down in its own way, and another one of its name comes up
again() {
	before=$(xl domid "$1") seen=$(ups "$1")
	xl reboot "$1" 2>&1 && until_true 90 up_again "$1" "$seen" && heard "$1" 'GUEST-GOES reboot' &&
		[ "$(xl domid "$1")" != "$before" ]; rc=$?
	verdict "reboot-$1" "domain $before, then $(xl domid "$1" 2>&1)"
}

# down NAME: likewise, for good
down() {
	timeout 60 xl shutdown -w "$1" 2>&1 && until_true 20 gone "$1" && until_true 5 heard "$1" 'GUEST-GOES poweroff'; rc=$?
	verdict "shutdown-$1"
}

# away NAME: it is not asked
away() {
	xl create -q "/guest/$1.cfg" && sleep 1 && xl destroy "$1" && gone "$1"; rc=$?
	verdict "destroy-$1"
}
