# shellcheck shell=bash
# Tests of bouncectl check, for *.test to source: a made-up server's files, a nameserver that answers from a file, whole
# outputs compared.
# SPDX-License-Identifier: Apache-2.0
#
# A test calls checks_begin, writes with checks_zone and checks_file what DNS and the server hold, shows with checks_show
# what bouncectl says, and calls checks_end, which compares all that was shown with tests/data/checks/NAME.txt. UPDATE=1
# writes that file instead. Tests run in the build folder. A failure leaves its folder and prints its path.

checks_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checks_top=$(cd "$checks_here/../.." && pwd)
checks_name=$(basename "$0" .test)
checks_build=$PWD
checks_wanted=
checks_more_servers=() # process ids that a test adds, to be ended with it
export LC_ALL=C.UTF-8 TZ=UTC
unset COLUMNS NO_COLOR PAGER BOUNCED_PAGER BOUNCED_SOCKET BOUNCED_DAEMON LOCALDOMAIN RES_OPTIONS

checks_fail() {
	echo "$checks_name: $*; see $checks_folder" >&2
	exit 1
}

checks_clean() {
	local status=$?
	checks_end_server
	[ ${#checks_more_servers[@]} = 0 ] || kill "${checks_more_servers[@]}" 2>/dev/null
	[ $status != 0 ] || rm -rf "$checks_folder"
	exit $status
}

# What DNS says may name any address, and checks ask there: on a network of the test's own, nothing leaves the machine.
checks_own_network() {
	local way
	if [ -n "${CHECKS_OWN_NETWORK:-}" ]; then
		ip link set lo up || exit 77
		return
	fi
	for way in "unshare --net" "unshare --user --map-root-user --net"; do
		# shellcheck disable=SC2086 # its words
		! $way true 2>/dev/null || CHECKS_OWN_NETWORK=1 exec $way "$BASH" "$0"
	done
	echo "this needs the rights to make a network of its own"
	exit 77
}

checks_begin() {
	command -v python3 >/dev/null || exit 77
	checks_own_network
	checks_folder=$(mktemp -d "${TMPDIR:-/tmp}/bounced-checks.XXXXXX") || exit
	trap checks_clean EXIT
	mkdir "$checks_folder/box"
	: >"$checks_folder/shown"
	checks_zone </dev/null
}

checks_end_server() {
	[ -z "${checks_server:-}" ] || kill "$checks_server" 2>/dev/null
	checks_server=
}

# checks_zone <<EOF: from now on DNS holds these lines, which dns_server.py explains, and nothing else.
checks_zone() {
	cat >"$checks_folder/zone"
	checks_serve_zone
}

checks_serve_zone() {
	local tries
	checks_end_server
	: >"$checks_folder/port"
	python3 "$checks_here/dns_server.py" "$checks_folder/zone" >"$checks_folder/port" 2>"$checks_folder/server.log" &
	checks_server=$!
	for ((tries = 0; tries < 300; tries++)); do
		read -r checks_port <"$checks_folder/port" && return 0
		kill -0 "$checks_server" 2>/dev/null || break
		sleep 0.1
	done
	checks_fail "the nameserver did not start: $(cat "$checks_folder/server.log")"
}

# checks_file PATH <<EOF: a file of the made-up server.
checks_file() {
	mkdir -p "$(dirname "$checks_folder/box$1")" || exit
	cat >"$checks_folder/box$1"
}

# checks_only CHECK...: checks_show shows no other checks from now on, nor what depends on them; with none, all again.
checks_only() {
	checks_wanted=" $* "
	[ $# != 0 ] || checks_wanted=
}

# checks_filter: of what bouncectl printed, the checks that are wanted.
checks_filter() {
	python3 -c '
import json, re, sys
wanted, text, shows = sys.argv[1].split(), sys.stdin.read(), False
if text.startswith("{"):
    for item in json.loads(text)["items"]:
        if item["check"] in wanted:
            print(json.dumps(item, ensure_ascii=False))
    sys.exit()
for line in text.splitlines():
    found = re.match(r"(ok|warn|fail|unknown) +([a-z0-9-]+)( |$)", line)
    if found or not line.startswith(" "):
        shows = found is not None and found.group(2) in wanted
    if shows:
        print(line)
' "$checks_wanted"
}

# checks_run ARGUMENT...: bouncectl check, of the made-up server, asking the nameserver.
checks_run() {
	"$checks_build/bouncectl" check --root "$checks_folder/box" --nameserver "127.0.0.1:$checks_port" "$@"
}

# checks_record TITLE COMMAND...: what COMMAND prints, below TITLE, and its exit status where that is not 0.
checks_record() {
	local status title=$1
	shift
	# Without it, all that is shown would be that DNS fails.
	[ -z "$checks_server" ] || kill -0 "$checks_server" 2>/dev/null ||
		checks_fail "the nameserver has ended: $(cat "$checks_folder/server.log")"
	echo "\$ bouncectl ${title% }" >>"$checks_folder/shown"
	"$@" >"$checks_folder/output" 2>&1
	status=$?
	sed -i "s#$checks_folder/box#BOX#g; s#$checks_folder#FOLDER#g; s#127\.0\.0\.1:$checks_port#127.0.0.1:PORT#g" "$checks_folder/output"
	if [ -z "$checks_wanted" ]; then
		cat "$checks_folder/output"
		[ $status = 0 ] || echo "(exit status $status)"
	elif [ $status -gt 1 ]; then
		checks_fail "bouncectl $title: exit status $status, $(cat "$checks_folder/output")"
	else
		checks_filter <"$checks_folder/output"
	fi >>"$checks_folder/shown"
	echo >>"$checks_folder/shown"
}

# checks_show ARGUMENT...: what bouncectl check prints.
checks_show() {
	checks_record "check $*" checks_run "$@"
}

# checks_note TEXT: what the next ones are about.
checks_note() {
	echo "# $*" >>"$checks_folder/shown"
}

checks_end() {
	local expected=$checks_top/tests/data/checks/$checks_name.txt
	[ -z "${UPDATE:-}" ] || cp "$checks_folder/shown" "$expected"
	diff -u "$expected" "$checks_folder/shown" || checks_fail "not what $expected holds (UPDATE=1 writes it anew)"
	exit 0
}
