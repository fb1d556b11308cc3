# shellcheck shell=bash
# Tests of bouncectl alone, for *.test to source: a daemon that answers from a file, whole outputs compared.
# SPDX-License-Identifier: Apache-2.0
#
# A test calls client_begin, shows what bouncectl says with client_show, and calls client_end, which compares all that was
# shown with tests/data/client/NAME.txt. UPDATE=1 writes that file instead. Tests run in the build folder. A failure leaves
# its folder and prints its path.

client_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
client_top=$(cd "$client_here/../.." && pwd)
client_name=$(basename "$0" .test)
client_build=$PWD
export LC_ALL=C.UTF-8 TZ=UTC
unset COLUMNS NO_COLOR PAGER BOUNCED_PAGER BOUNCED_SOCKET BOUNCED_DAEMON

client_fail() {
	echo "$client_name: $*; see $client_folder" >&2
	exit 1
}

client_clean() {
	local status=$?
	[ -z "${client_daemon:-}" ] || kill "$client_daemon" 2>/dev/null
	[ $status != 0 ] || rm -rf "$client_folder"
	exit $status
}

client_begin() {
	command -v python3 >/dev/null || exit 77
	client_folder=$(mktemp -d "${TMPDIR:-/tmp}/bounced-client.XXXXXX") || exit
	trap client_clean EXIT
	: >"$client_folder/shown"
	export FAKE_ANSWERS=$client_top/tests/data/client/answers.json
	client_socket=$client_folder/bounced.sock
	client_start_daemon
}

client_start_daemon() {
	local tries
	rm -f "$client_socket"
	python3 "$client_here/fake_daemon.py" "$client_socket" &
	client_daemon=$!
	for ((tries = 0; tries < 100; tries++)); do
		[ ! -S "$client_socket" ] || return 0
		sleep 0.1
	done
	client_fail "the fake daemon did not start"
}

# client_ctl ARGUMENT...: bouncectl, asking the fake daemon.
client_ctl() {
	"$client_build/bouncectl" --socket "$client_socket" "$@"
}

# client_note COMMAND...: what COMMAND prints, and its exit status where that is not 0.
client_note() {
	local status
	"$@" >>"$client_folder/shown" 2>&1
	status=$?
	[ $status = 0 ] || echo "(exit status $status)" >>"$client_folder/shown"
	echo >>"$client_folder/shown"
}

# client_show ARGUMENT...: what bouncectl prints.
client_show() {
	echo "\$ bouncectl $*" >>"$client_folder/shown"
	client_note client_ctl "$@"
}

client_end() {
	local expected=$client_top/tests/data/client/$client_name.txt
	sed "s#$client_folder#FOLDER#g; s#$client_top/##g; s#$client_build/##g" "$client_folder/shown" >"$client_folder/actual"
	[ -z "${UPDATE:-}" ] || cp "$client_folder/actual" "$expected"
	diff -u "$expected" "$client_folder/actual" || client_fail "not what $expected holds (UPDATE=1 writes it anew)"
	exit 0
}
