# bash completion for bouncectl(1)                         -*- shell-script -*-
# SPDX-License-Identifier: Apache-2.0

# What comes after --class: the classes that the daemon knows.
__bouncectl_classes() {
	bouncectl -o json classes 2>/dev/null | sed -n 's/.*"class":"\([^"]*\)".*/\1/p'
}

# The newest failures' ids.
__bouncectl_ids() {
	bouncectl -o json recent -n 50 2>/dev/null | sed -n 's/.*"id":"\([^"]*\)".*/\1/p'
}

_bouncectl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands='why recent find queue watch stats incidents explain check dump classes status proxy'
	local globals='--socket --log --memory-max -H -o --output --no-pager --color -h --help --version'
	local filters='--hard --soft --class --domain --sender --since --until'
	local times='today yesterday now -1h -2h -1d -7d'
	local command='' word i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--socket | --memory-max | -H | -o | --output | --color) ((i++)) ;;
		-*) ;;
		*)
			if [[ " $commands " == *" $word "* ]]; then
				command=$word
				break
			fi
			;;
		esac
	done

	case $prev in
	--socket | --log | --cursor-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -W 'human json json-pretty' -- "$cur")
		return
		;;
	--color)
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
		return
		;;
	-H)
		mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
		return
		;;
	--class)
		mapfile -t COMPREPLY < <(compgen -W "$(__bouncectl_classes)" -- "$cur")
		return
		;;
	--since | --until)
		mapfile -t COMPREPLY < <(compgen -W "$times" -- "$cur")
		return
		;;
	--by)
		mapfile -t COMPREPLY < <(compgen -W 'class domain sender login account script host hour verdict' -- "$cur")
		return
		;;
	--verdict)
		mapfile -t COMPREPLY < <(compgen -W 'delivered bounced partial deferred discarded rejected frozen removed in-transit' -- "$cur")
		return
		;;
	-n | --number | --domain | --sender | --from | --to | --subject | --host | --memory-max | --nameserver)
		return
		;;
	esac

	case $command in
	'')
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$globals" -- "$cur")
		elif [[ " ${COMP_WORDS[*]:1:COMP_CWORD-1} " == *' --log '* ]]; then
			mapfile -t COMPREPLY < <(compgen -f -W "$commands" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
		fi
		return
		;;
	why) word='--check --root --nameserver --since --until --number' ;;
	recent) word="$filters --number" ;;
	find) word='--from --to --subject --host --verdict --since --until --number' ;;
	queue) word='--from --to --since --until --number' ;;
	watch) word="$filters --cursor-file" ;;
	stats) word='--by --since --until --number' ;;
	explain) word='--batch --debug' ;;
	check) word='--port25 --port --root --nameserver' ;;
	*) word='' ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$word $globals" -- "$cur")
	elif [[ $command == why ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(__bouncectl_ids)" -- "$cur")
	elif [[ $command == classes ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(__bouncectl_classes)" -- "$cur")
	fi
}

complete -F _bouncectl bouncectl
