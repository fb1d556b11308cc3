# shellcheck shell=bash
# For the tests of the house to source: goes to the top of the tree and lists its files.
# SPDX-License-Identifier: Apache-2.0

cd "$(dirname "$0")/../.." || exit 99

# The project's files, one a line: what git knows, or in an unpacked distribution what is there.
house_files() {
	if [ -e .git ] && command -v git >/dev/null && git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files --cached --others --exclude-standard
	else
		find . -type f -not -path './build-aux/*' -not -path './m4/*' -not -path './_build/*' -not -path './build*/*' \
			-not -name configure -not -name aclocal.m4 -not -name 'Makefile.in' -not -name 'config.h.in*' |
			sed 's,^\./,,'
	fi | while IFS= read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done | sort
}

# house_need PROGRAM: skips the test where it is missing.
house_need() {
	command -v "$1" >/dev/null || {
		echo "skipped: $1 is not installed"
		exit 77
	}
}

# The project's shell scripts.
house_scripts() {
	house_files | while IFS= read -r file; do
		case $file in
		*.sh) printf '%s\n' "$file" ;;
		*.test) ! head -1 "$file" | grep -q 'bash' || printf '%s\n' "$file" ;;
		*.*) ;;
		*) ! head -c 64 "$file" | head -1 | grep -qE '^#!.*[/ ](ba)?sh( |$)' || printf '%s\n' "$file" ;;
		esac
	done
}
