# shellcheck shell=bash
# End-to-end tests, for *.test to source: a real Exim, the daemon following its log, bouncectl asking it.
# SPDX-License-Identifier: Apache-2.0
#
# A test calls e2e_begin, sends mail with lab_send and its like, shows what bouncectl says with e2e_why and e2e_show, and
# calls e2e_end, which compares all that was shown with tests/data/exim/NAME.out. UPDATE=1 writes that file instead.
# Tests run in the build folder, as root, with an Exim; otherwise they are skipped. A failure leaves its folder and prints its path.

e2e_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
e2e_top=$(cd "$e2e_here/../.." && pwd)
e2e_name=$(basename "$0" .test)
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$e2e_here/lab.sh"

e2e_fail() {
	echo "$e2e_name: $*; see $e2e_folder" >&2
	exit 1
}

e2e_clean() {
	local status=$?
	if [ -n "${e2e_daemon:-}" ]; then
		kill "$e2e_daemon" 2>/dev/null
		wait "$e2e_daemon" 2>/dev/null
	fi
	[ -z "${LAB_DIR:-}" ] || lab_stop
	if [ $status = 0 ] || [ $status = 77 ]; then
		rm -rf "$e2e_folder"
	fi
	exit $status
}

# Lines are broken by the length of the folder's name, so that is always the same.
e2e_begin() {
	e2e_folder=$(mktemp -d "/tmp/bounced-$e2e_name.XXXXXX") || exit
	chmod 755 "$e2e_folder"
	trap e2e_clean EXIT
	lab_start "$e2e_folder" || exit
	e2e_socket=$e2e_folder/bounced.sock
	cat >"$e2e_folder/bounced.conf" <<-END
	[log]
	path = $LAB_LOG
	timezone = UTC
	[socket]
	path = $e2e_socket
	[classify]
	rules-dir = $e2e_top/etc/rules.d
	classes = $e2e_top/etc/classes.conf
	[access]
	userdomains = $e2e_folder/etc/userdomains
	localdomains = $e2e_folder/etc/localdomains
	homes = $e2e_folder/home
	END
	./bounced --foreground --config "$e2e_folder/bounced.conf" >"$e2e_folder/log/bounced" 2>&1 &
	e2e_daemon=$!
	lab_wait_for "the daemon's socket" test -S "$e2e_socket" || e2e_fail "$(tail -n 3 "$e2e_folder/log/bounced")"
	: >"$e2e_folder/shown"
}

# e2e_begin_log FILE: no Exim and no daemon, a finished log instead.
e2e_begin_log() {
	e2e_folder=$(mktemp -d "${TMPDIR:-/tmp}/bounced-$e2e_name.XXXXXX") || exit
	trap e2e_clean EXIT
	mkdir "$e2e_folder/log"
	LAB_LOG=$1
	: >"$e2e_folder/shown"
}

e2e_ctl() {
	if [ -n "${e2e_socket:-}" ]; then
		./bouncectl --socket "$e2e_socket" --no-pager --color never "$@"
	else
		./bouncectl --log "$LAB_LOG" --no-pager --color never "$@"
	fi
}

e2e_has_read_all() {
	local lines
	lines=$(wc -l <"$LAB_LOG")
	e2e_ctl -o json status >"$e2e_folder/status" 2>>"$e2e_folder/log/bouncectl" || return
	[ "$(sed -n 's/.*"lines":{"read":\([0-9]*\).*/\1/p' "$e2e_folder/status")" -ge "$lines" ]
}

# Waits until the daemon has read what Exim has written.
e2e_sync() {
	lab_wait_for "the last line in the daemon" e2e_has_read_all || e2e_fail "the daemon has not read $LAB_LOG to its end"
}

# e2e_show ARGUMENT...: what bouncectl prints, and its exit status where that is not 0.
e2e_show() {
	local status
	{
		echo "\$ bouncectl $*"
		e2e_ctl "$@" 2>&1
		status=$?
		[ $status = 0 ] || echo "(exit status $status)"
		echo
	} >>"$e2e_folder/shown"
}

# e2e_why SUBJECT: the story of the newest message with that subject, for people and, without the evidence, for programs.
e2e_why() {
	local id
	e2e_sync
	id=$(lab_id "$1")
	[ -n "$id" ] || e2e_fail "no message with the subject $1"
	echo "### $1" >>"$e2e_folder/shown"
	e2e_show why "$id"
	e2e_ctl -o json why "$id" | python3 -c '
import json, sys
for line in sys.stdin:
    story = json.loads(line)
    story.pop("evidence")
    print(json.dumps(story, indent=1, ensure_ascii=False))
print()' >>"$e2e_folder/shown" || e2e_fail "no JSON story of $id"
}

e2e_words() {
	tr -s '[:space:]' '\n' <"$1"
}

e2e_end() {
	local expected=$e2e_top/tests/data/exim/$e2e_name.out
	if [ -n "${e2e_daemon:-}" ]; then
		python3 "$e2e_here/normalise.py" "$e2e_folder" <"$e2e_folder/shown" >"$e2e_folder/actual" || e2e_fail "normalise.py"
	else
		sed "s#$e2e_folder#FOLDER#g; s#$e2e_top/##g" "$e2e_folder/shown" >"$e2e_folder/actual"
	fi
	if [ -n "${UPDATE:-}" ]; then
		mkdir -p "$(dirname "$expected")"
		cp "$e2e_folder/actual" "$expected"
	fi
	if [ -n "${EXIM:-}" ]; then
		# Another Exim's ids may be longer, and then lines end elsewhere: the words are the same.
		e2e_words "$expected" >"$e2e_folder/expected.words"
		e2e_words "$e2e_folder/actual" >"$e2e_folder/actual.words"
		diff -u "$e2e_folder/expected.words" "$e2e_folder/actual.words" || e2e_fail "not the words that $expected holds"
	else
		diff -u "$expected" "$e2e_folder/actual" || e2e_fail "not what $expected holds (UPDATE=1 writes it anew)"
	fi
	[ -z "${e2e_daemon:-}" ] || kill -0 "$e2e_daemon" 2>/dev/null || e2e_fail "the daemon died: $(tail -n 3 "$e2e_folder/log/bounced")"
	exit 0
}
