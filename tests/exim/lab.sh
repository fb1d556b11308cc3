# shellcheck shell=bash
# The project's own private, real Exim on loopback, for tests to source: lab_start DIR, lab_send ..., lab_stop.
# SPDX-License-Identifier: Apache-2.0
#
# EXIM=path/to/exim4 chooses the binary (default: the system's). Before lab_start these may be set:
#   LAB_SELECTOR      log_selector (default: cPanel's own)
#   LAB_LOG_TIMEZONE  true or false (default false)
#   LAB_TIMEZONE      Exim's timezone (default UTC)
#   LAB_FROZEN_AFTER  timeout_frozen_after (default 0s: never)
# lab_start sets LAB_DIR, LAB_LOG (the main log), LAB_PORT (the listening Exim), and fails with status 77 and
# the reason on standard error where there is no Exim, no root, or no way into DIR.

lab_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_cpanel_selector='+incoming_port +smtp_connection +all_parents +retry_defer +subject +arguments +received_recipients'

lab_skip() {
	echo "lab: skipped: $*" >&2
	return 77
}

# The Exim to use, or nothing.
lab_find_exim() {
	local candidate
	for candidate in "${EXIM:-}" exim4 /usr/sbin/exim4 exim /usr/sbin/exim; do
		if [ -n "$candidate" ] && candidate=$(command -v "$candidate" 2>/dev/null); then
			readlink -f "$candidate"
			return
		fi
		if [ -n "${EXIM:-}" ]; then
			return 1
		fi
	done
	return 1
}

# lab_start DIR: makes DIR, the scripted remote servers and the listening Exim.
lab_start() {
	LAB_DIR=$1
	[ "$(id -u)" = 0 ] || { lab_skip "a private Exim needs root"; return; }
	command -v python3 >/dev/null || { lab_skip "no python3 for the scripted remote servers"; return; }
	LAB_EXIM=$(lab_find_exim) || { lab_skip "no Exim (Debian: apt-get install exim4-daemon-light)"; return; }
	LAB_USER=$("$LAB_EXIM" -C /dev/null -bP exim_user | sed 's/.* = //')
	id "$LAB_USER" >/dev/null 2>&1 || { lab_skip "$LAB_EXIM runs as $LAB_USER, who does not exist here"; return; }
	mkdir -p "$LAB_DIR"/etc "$LAB_DIR"/spool "$LAB_DIR"/log "$LAB_DIR"/run "$LAB_DIR"/mail || return
	LAB_DIR=$(cd "$LAB_DIR" && pwd)
	LAB_LOG=$LAB_DIR/log/exim_mainlog
	LAB_CONF=$LAB_DIR/exim.conf
	chmod 755 "$LAB_DIR" "$LAB_DIR/etc"
	chown -R "$LAB_USER" "$LAB_DIR/spool" "$LAB_DIR/log" "$LAB_DIR/run" "$LAB_DIR/mail"
	if command -v setpriv >/dev/null &&
	    ! setpriv --reuid "$LAB_USER" --clear-groups test -w "$LAB_DIR/log"; then
		lab_skip "$LAB_USER cannot reach $LAB_DIR; choose a folder whose parents all may enter"
		return
	fi
	lab_write_files &&
	    lab_start_remotes &&
	    lab_write_routes &&
	    lab_start_daemon
}

lab_write_files() {
	local file group
	group=$(id -gn "$LAB_USER")
	lab_fill() {
		sed -e "s#@DIR@#$LAB_DIR#g" -e "s#@EXIM@#$LAB_EXIM#g" -e "s#@USER@#$LAB_USER#g" -e "s#@GROUP@#$group#g" \
		    -e "s#@SELECTOR@#${LAB_SELECTOR-$lab_cpanel_selector}#" \
		    -e "s#@LOG_TIMEZONE@#${LAB_LOG_TIMEZONE:-false}#" -e "s#@TIMEZONE@#${LAB_TIMEZONE:-UTC}#" \
		    -e "s#@FROZEN_AFTER@#${LAB_FROZEN_AFTER:-0s}#" "$1"
	}
	for file in "$lab_here"/etc/*; do
		lab_fill "$file" >"$LAB_DIR/etc/$(basename "$file")" || return
	done
	lab_fill "$lab_here/etc/exim.conf.in" >"$LAB_CONF"
	chmod 644 "$LAB_CONF" "$LAB_DIR"/etc/*
}

lab_start_remotes() {
	local names
	names=$(awk '!/^#/ { for (i = 2; i <= NF; i++) print $i }' "$LAB_DIR/etc/routes.in" | sort -u)
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/O=Example for you, R=x/CN=mx tls.example' \
	    -keyout "$LAB_DIR/etc/key" -out "$LAB_DIR/etc/certificate" 2>/dev/null &&
	    cat "$LAB_DIR/etc/key" >>"$LAB_DIR/etc/certificate"
	# shellcheck disable=SC2086
	python3 "$lab_here/remote.py" "$LAB_DIR/etc/remote.table" "$LAB_DIR/run/remotes" "$LAB_DIR/etc/certificate" mx ${names/mx/} \
	    >"$LAB_DIR/log/remotes" 2>&1 &
	echo $! >"$LAB_DIR/run/remotes.pid"
	lab_wait_for "the scripted remote servers" test -s "$LAB_DIR/run/remotes"
}

# From "two.example first421 mx" to a manualroute router's "two.example: 127.0.1.7::40211:127.0.1.1::40207".
lab_write_routes() {
	awk -v remotes="$LAB_DIR/run/remotes" '
	    BEGIN {
		while ((getline line <remotes) > 0) {
			split(line, word, " ")
			hop[word[1]] = word[2] "::" word[3]
		}
	    }
	    /^#/ { next }
	    { printf "%s: %s", $1, hop[$2]; for (i = 3; i <= NF; i++) printf ":%s", hop[$i]; print "" }
	' "$LAB_DIR/etc/routes.in" >"$LAB_DIR/etc/routes"
}

# A free port may be gone before Exim has it: try a few.
lab_start_daemon() {
	local try pid
	for try in 1 2 3 4 5; do
		LAB_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
		"$LAB_EXIM" -C "$LAB_CONF" -bdf -oX "$LAB_PORT" >"$LAB_DIR/log/daemon" 2>&1 &
		pid=$!
		echo "$pid" >"$LAB_DIR/run/daemon.pid"
		if lab_wait_for "Exim on port $LAB_PORT (try $try)" lab_port_answers "$pid"; then
			echo "$LAB_PORT" >"$LAB_DIR/run/port"
			return
		fi
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	cat "$LAB_DIR/log/daemon" "$LAB_DIR"/log/exim_paniclog >&2 2>/dev/null
	return 1
}

# Listening is enough: a connection would be logged.
lab_port_answers() {
	kill -0 "$1" 2>/dev/null || return 1
	grep -qi ":$(printf '%04X' "$LAB_PORT") 00000000:0000 0A" /proc/net/tcp
}

lab_wait_for() {
	local what=$1 step
	shift
	for step in $(seq 100); do
		if "$@"; then
			return 0
		fi
		sleep 0.1
	done
	echo "lab: $what: not there after $((step / 10)) seconds" >&2
	return 1
}

# lab_attach DIR: use a lab that another shell started.
lab_attach() {
	LAB_DIR=$(cd "$1" && pwd) || return
	LAB_LOG=$LAB_DIR/log/exim_mainlog
	LAB_CONF=$LAB_DIR/exim.conf
	LAB_PORT=$(cat "$LAB_DIR/run/port") || return
	LAB_EXIM=$(sed -n 's/^exim_path = //p' "$LAB_CONF")
	LAB_USER=$(sed -n 's/^exim_user = //p' "$LAB_CONF")
}

# Ends what lab_start started, by process id.
lab_stop() {
	local file pid
	for file in "$LAB_DIR"/run/daemon.pid "$LAB_DIR"/run/remotes.pid; do
		[ -f "$file" ] || continue
		pid=$(cat "$file")
		rm -f "$file"
		# Only ours: a process id may have been given to another program since.
		if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$LAB_DIR"; then
			kill "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null
		fi
	done
	return 0
}

# Its folder, which it logs, is the lab's.
lab_exim() (
	cd "$LAB_DIR" && exec "$LAB_EXIM" -C "$LAB_CONF" "$@"
)

# lab_send [-f SENDER] [-s SUBJECT] [-b BODY] [-H HEADER]... RECIPIENT...: hands a message over as a local program does,
# and waits for the first delivery.
lab_send() {
	local sender=a@example.com subject='' body='hello' headers='' option OPTIND=1
	while getopts f:s:b:H: option; do
		case $option in
		f) sender=$OPTARG ;;
		s) subject=$OPTARG ;;
		b) body=$OPTARG ;;
		H) headers+=$OPTARG$'\n' ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	printf '%sSubject: %s\n\n%s\n' "$headers" "${subject:-test $1}" "$body" |
	    lab_exim -odi -oem -f "$sender" "$@" >>"$LAB_DIR/log/output" 2>&1
	return 0
}

# lab_smtp [SOURCE-ADDRESS]: SMTP commands on standard input, the replies on standard output (talk.py knows two more words).
lab_smtp() {
	python3 "$lab_here/talk.py" "$LAB_PORT" "$@"
}

# lab_smtp_send [-h HELO] [-a USER] [-i SOURCE-ADDRESS] [-f SENDER] [-s SUBJECT] RECIPIENT...: a message over SMTP, delivered at once;
# prints what Exim said.
lab_smtp_send() {
	local helo=client.example sender=a@example.com subject='' user='' source='' option OPTIND=1 said id recipient
	while getopts h:a:i:f:s: option; do
		case $option in
		h) helo=$OPTARG ;;
		a) user=$OPTARG ;;
		i) source=$OPTARG ;;
		f) sender=$OPTARG ;;
		s) subject=$OPTARG ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	said=$({
		echo "EHLO $helo"
		[ -z "$user" ] || echo "AUTH PLAIN $(printf '\0%s\0secret' "$user" | base64)"
		echo "MAIL FROM:<$sender>"
		for recipient; do
			echo "RCPT TO:<$recipient>"
		done
		echo DATA
		printf 'Subject: %s\n\nhello\n.\nQUIT\n' "${subject:-test $1}"
	} | lab_smtp ${source:+"$source"})
	printf '%s\n' "$said"
	id=$(sed -n 's/^[25]50[ -].*id=\([0-9A-Za-z-]*\).*/\1/p' <<<"$said")
	# Cutthrough delivery has it completed already.
	[ -z "$id" ] || grep -q " $id Completed" "$LAB_LOG" || lab_exim -Mc "$id" >>"$LAB_DIR/log/output" 2>&1
}

# Makes every retry due, and runs the queue once.
lab_retry() {
	rm -f "$LAB_DIR"/spool/db/*
	lab_exim -qff >>"$LAB_DIR/log/output" 2>&1
}

# lab_id SUBJECT: the id of the newest message with that subject.
lab_id() {
	awk -v subject=" T=\"$1\"" '
	    index($0, subject) && match($0, /[0-9A-Za-z]+-[0-9A-Za-z]+-[0-9A-Za-z]+ [<(]=/) { id = substr($0, RSTART, RLENGTH - 3) }
	    END { print id }' "$LAB_LOG"
}

# Mail of each kind; the subjects say which. About 20 seconds, most of them the time-outs.
lab_scenario() {
	lab_scenario_delivered
	lab_scenario_refused
	lab_scenario_deferred
	lab_scenario_filtered
	lab_scenario_misrouted
	lab_scenario_turned_away
	lab_scenario_odd
}

lab_scenario_delivered() {
	lab_send -s 'plain delivery' ok@example.net
	lab_send -s 'two on one connection' ok@example.net ok2@example.net
	lab_send -s 'to a mailbox here' newuser@example.com
	lab_send -s 'an alias to three' team@example.com
	lab_send -s 'two aliases for one' first-alias@example.com second-alias@example.com
	lab_send -s 'the second host takes it' someone@two.example
	lab_send -s 'encrypted' someone@tls.example
	lab_send -s 'by LMTP' someone@lmtp.example lmtpunknown@lmtp.example
	lab_send -s 'into a file' file@example.com
	lab_send -s 'into a pipe' pipe@example.com
	lab_send -s 'vacation please' newuser@example.com
	lab_smtp_send -a someuser -f someone@example.com -s 'logged in' ok@example.net >/dev/null
	lab_smtp_send -s 'handed through' cutthrough@example.net >/dev/null
	lab_smtp_send -s 'kept, though refused' fakereject@example.net >/dev/null
}

lab_scenario_refused() {
	local who
	for who in unknown553 nouser full relay verify ptr blocklist dmarc google e521 virus; do
		lab_send -s "refused: $who" "$who@example.net"
	done
	lab_send -s 'refused under encryption' nouser@tls.example
	lab_send -s 'refused at the greeting' someone@blocked.example
	lab_send -s 'refused at HELO' someone@spf.example
	lab_send -s 'permanently deferred' someone@yahoo.example
	lab_send -f norelay@example.com -s 'refused sender' ok@example.net
	lab_send -s 'some yes, some no' mixed@example.com
	lab_send -s 'no such domain' someone@nowhere.example
	lab_send -s 'nobody left' gone@example.com
	lab_send -s 'broken pipe' brokenpipe@example.com
	lab_send -s 'a pipe that talks' noisypipe@example.com
	lab_send -s 'over quota at routing' overquota@example.com
	lab_send -f script@toomany.example -s 'too many an hour' ok@example.net
	lab_send -f script@suspended.example -s 'suspended' ok@example.net
	lab_send -f someone@blocked.example -s 'the bounce is refused' unknown553@example.net
	lab_send -s 'errors ignored' quiet@example.com
}

lab_scenario_deferred() {
	lab_send -s 'greylisted' grey@example.net
	lab_send -s 'greylisted once' grey1@example.net
	lab_send -s 'try again later' someone@aol.example
	lab_send -s 'no retry allowed' someone@never.example
	lab_send -s 'connection refused' someone@refused.example
	lab_send -s 'connection timed out' someone@timeout.example
	lab_send -s 'connection lost' someone@lost.example
	lab_send -s 'nothing said' someone@slow.example
	lab_send -s 'resolver down' someone@dnsdown.example
	lab_send -s 'mailbox is full' -b "$(printf 'x%.0s' {1..2000})" full-box@example.com
	lab_send -s 'busy at the dot' busy@example.net
	lab_send -s 'dropped after RCPT' someone@dropping.example
	lab_send -s 'dropped at the dot' someone@dropdot.example
	lab_send -s 'a pipe that is busy' busypipe@example.com
	lab_send -s 'the alias waits' wait@example.com
	lab_send -s 'one-time list' once@example.com
	lab_send -s 'retry time not reached' someone@aol.example
	}

lab_scenario_filtered() {
	lab_send -s 'junk to be filtered' newuser@example.com
	lab_send -H 'From: fubar@example.org' -s 'a user filter' fubar-reader@example.com
	lab_smtp_send -i 127.0.0.2 -f friend@example.org -s 'SCORE 26.2' newuser@example.com >/dev/null
	lab_smtp_send -i 127.0.0.2 -f friend@example.org -s 'SCORE 0.1' newuser@example.com >/dev/null
	lab_send -s 'refused by filter' newuser@example.com
	lab_send -s 'into the folder' newuser@example.com
	lab_send -s 'freeze me' newuser@example.com
	lab_send -s 'down the hole' nobody@example.com
	lab_send -s 'system discard' newuser@example.com ok@example.net
	lab_send -s 'system fail' newuser@example.com
	lab_send -s 'system copy' ok@example.net
	lab_send -s 'system freeze' ok@example.net
	lab_smtp_send -s 'DISCARD AT DATA' newuser@example.com >/dev/null
}

# lab_set_local yes|no DOMAIN: whether this server takes the domain for one of its own.
lab_set_local() {
	sed -i "/^$2\$/d" "$LAB_DIR/etc/localdomains"
	[ "$1" = no ] || echo "$2" >>"$LAB_DIR/etc/localdomains"
}

# Mail to the domain went out, until somebody made it a local one.
lab_scenario_misrouted() {
	lab_set_local no yahoo-misrouted.example
	lab_send -s 'before the domain was made local' customer@yahoo-misrouted.example
	lab_set_local yes yahoo-misrouted.example
	lab_smtp_send -h localhost -a someuser -f someone@example.com -s 'test from cPanel - please ignore' \
	    customer@yahoo-misrouted.example >/dev/null
	lab_send -s 'no such user here' nosuch@example.com
}

# Refused before, or without, a message of its own.
lab_scenario_turned_away() {
	lab_smtp_send -i 127.0.0.2 -h h.example -f s@example.org -s 'relay' x@example.net >/dev/null
	lab_smtp_send -i 127.0.0.3 -f s@example.org -s 'unknown here' nosuch@example.com >/dev/null
	lab_smtp_send -i 127.0.0.3 -f nosuch@example.com -s 'unknown sender' newuser@example.com >/dev/null
	lab_smtp_send -f s@example.org -s 'local host' x@self.example >/dev/null
	lab_smtp_send -f s@spammer.example -s 'listed sender' newuser@example.com >/dev/null
	lab_smtp_send -f s@example.org -s 'trap' trap@example.com newuser@example.com >/dev/null
	lab_smtp_send -f s@example.org -s 'EICAR' newuser@example.com >/dev/null
	lab_smtp_send -f s@example.org -s 'SCANNER DOWN' newuser@example.com >/dev/null
	lab_send -s 'REFUSED LOCALLY' ok@example.net
	printf 'EHLO bad.helo.example\nQUIT\n' | lab_smtp >/dev/null
	printf 'QUIT\n' | lab_smtp 127.0.0.66 >/dev/null
	printf 'EHLO brute.example\nAUTH PLAIN %s\nQUIT\n' "$(printf '\0x@example.com\0wrong' | base64)" |
	    lab_smtp 127.0.0.4 >/dev/null
	printf 'EHLO gone.example\nMAIL FROM:<s@example.org>\n!close\n' | lab_smtp >/dev/null
	printf 'EHLO odd.example\nNONSENSE\nMAIL FROM:<a b>\nQUIT\n' | lab_smtp >/dev/null
	printf '!send EHLO pushy.example\n!send MAIL FROM:<s@example.org>\nRCPT TO:<x@example.net>\n' | lab_smtp >/dev/null
	printf 'EHLO idle.example\nQUIT\n' | lab_smtp >/dev/null
}

# Names and words that a parser may stumble over.
lab_scenario_odd() {
	lab_send -s 'a "quoted" subject for nobody@example.org \ with 1VrkAf-0007F8-30 Completed' ok@example.net
	lab_send -s 'Müller <= => ** == R=x T=y' '"a b"@example.net' 'x+tag=1@example.net' "o'neil@example.net"
	lab_send -f '"odd for sender"@example.com' -s 'odd sender' '"q for r"@example.net'
	lab_send -f Someone@Example.COM -s 'capitals' NewUser@Example.COM OK@Example.NET
	lab_send -f '<>' -s 'nobody sends' ok@example.net
	lab_send -s 'no recipient is known' nosuch@example.com gone@example.com
	lab_send -H 'Message-ID: <"blank for id T=x"@client.example>' -s 'odd message id' ok@example.net
	lab_smtp_send -h '[10.0.0.1]' -s 'literal HELO' ok@example.net >/dev/null
	lab_smtp_send -h '1VrkAf-0007F8-30' -s 'an id for HELO' newuser@example.com >/dev/null
	lab_send -s 'warn me of delays' someone@aol.example
	printf 'Subject: suppressed\n\nhello\n' | lab_exim -N -odi -f a@example.com ok@example.net newuser@example.com \
	    >>"$LAB_DIR/log/output" 2>&1
	printf 'Subject: queued only\n\nhello\n' | lab_exim -odq -f a@example.com ok@example.net
}

# What an administrator does to the queue, and what time does: run after lab_scenario.
lab_scenario_later() {
	local id
	id=$(lab_id 'greylisted') && lab_exim -Mf "$id" >/dev/null
	lab_exim -Mt "$id" >/dev/null
	id=$(lab_id 'busy at the dot') && lab_exim -Mrm "$id" >/dev/null
	id=$(lab_id 'connection refused') && lab_exim -Mg "$id" >/dev/null && lab_exim -M "$id" >/dev/null 2>&1
	id=$(lab_id 'try again later') && lab_exim -Mes "$id" other@example.com >/dev/null
	lab_exim -Mar "$id" ok3@example.net >/dev/null
	id=$(lab_id 'connection lost') && lab_exim -Mmad "$id" >/dev/null
	id=$(lab_id 'system freeze') && lab_exim -Mf "$id" >/dev/null
	sleep 2
	lab_retry
	lab_retry
}
