# SPDX-License-Identifier: GPL-2.0-only
# What the scripts share: where things are, how to stop, how to fetch.
# Source it first:  . "$(dirname "$0")/lib.sh"  (or ../lib.sh)
#
# Afterwards TOP is the checkout and CACHE the directory for everything that
# is downloaded or built, outside the checkout.

ME=$(basename "$0")
TOP=$(cd "$(dirname "$0")" && pwd)
while [ ! -f "$TOP/scripts/lib.sh" ]; do
	TOP=$(dirname "$TOP")
	[ "$TOP" != / ] || { echo "$ME: not inside the checkout" >&2; exit 1; }
done
CACHE=${XENPV_CACHE:-$HOME/.cache/xenpv}
JOBS=${JOBS:-$(nproc)}
# what the make that called us was told is not for the makes that we call
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
export CCACHE_DIR="${CCACHE_DIR:-$CACHE/ccache}" LC_ALL=C
# Trees and build directories below the cache share what was compiled
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$CACHE}"
mkdir -p "$CACHE"

say() { echo "$*" >&2; }
die() { echo "$ME: $*" >&2; exit 1; }

# need PROGRAM...: all of them, or say how to get them
need() {
	for _p; do
		command -v "$_p" >/dev/null 2>&1 ||
			die "'$_p' is not installed; run 'make setup'"
	done
}

# lock NAME: hold a lock in the cache until this process ends
lock() {
	mkdir -p "$CACHE/locks"
	exec 9>"$CACHE/locks/$1"
	flock -n 9 || { say "$ME: waiting for another run that uses '$1'"; flock 9; }
}

# run_logged LOG COMMAND...: output to LOG; when it fails, its last lines
run_logged() {
	_log=$1; shift
	mkdir -p "$(dirname "$_log")"
	"$@" >"$_log" 2>&1 9>&- && return 0
	tail -n "${LOG_TAIL:-25}" "$_log" >&2
	return 1
}

# bases: the names that BASE takes, the default one first
bases() { sed -n 's/^BASES *:*= *//p' "$TOP/Makefile"; }
