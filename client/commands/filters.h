/* Options that several commands share, as rows of their tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_COMMANDS_FILTERS_H
#define CLIENT_COMMANDS_FILTERS_H

/* clang-format off */
#define FAILURE_FILTERS \
	{"hard", 0, OPTION_FLAG, NULL, "hard", "permanent failures only"}, \
	{"soft", 0, OPTION_FLAG, NULL, "soft", "temporary failures only"}, \
	{"class", 0, OPTION_TEXT, "CLASS", "class", "this class only; bouncectl classes lists them"}, \
	{"domain", 0, OPTION_TEXT, "DOMAIN", "domain", "recipients at this domain only"}, \
	{"sender", 0, OPTION_TEXT, "ADDRESS", "sender", "this sender only: an address or @domain"}

#define SPAN_OPTIONS \
	{"since", 0, OPTION_TEXT, "TIME", "since", "not before TIME: -2h, yesterday, 2026-11-23 20:15"}, \
	{"until", 0, OPTION_TEXT, "TIME", "until", "not after TIME"}

#define CHECKS_OPTIONS \
	{"root", 0, OPTION_TEXT, "DIR", NULL, "read the files of a server that was copied to DIR, not this one's"}, \
	{"nameserver", 0, OPTION_TEXT, "IP[:PORT]", NULL, "ask this nameserver, not those of /etc/resolv.conf"}

#define OPTIONS_END {NULL, 0, OPTION_FLAG, NULL, NULL, NULL}
/* clang-format on */

#endif
