/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/listening.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "client/checks/box/box.h"
#include "client/checks/checks.h"
#include "client/checks/draft.h"

enum {
	SMTP = 25,
	SUBMISSIONS = 465, /* RFC 8314 */
	SUBMISSION = 587,
	STATE_LISTEN = 0x0A, /* TCP_LISTEN of the kernel */
	ADDRESS_DIGITS = 32,
};

static const struct {
	unsigned port;
	const char *what;
	enum check_status status;
} ports[] = {
    {SMTP, "other servers cannot deliver mail here", CHECK_FAIL},
    {SUBMISSIONS, "mail clients that are set up for SSL cannot send", CHECK_WARN},
    {SUBMISSION, "mail clients that are set up for STARTTLS cannot send", CHECK_WARN},
};

/* Addresses are in the byte order of this machine, in words of 32 bits: 127.0.0.0/8, or ::1. */
static bool
is_loopback(const char *address)
{
	const unsigned one = 1;
	bool is_little = *(const unsigned char *)&one == 1;
	size_t len = strlen(address);

	if (len == 8)
		return strncmp(is_little ? address + 6 : address, "7F", 2) == 0;
	return strncmp(address, "000000000000000000000000", 24) == 0 &&
	    strcmp(address + 24, is_little ? "01000000" : "00000001") == 0;
}

enum listening
listening_on(const struct box_file *file, unsigned port, size_t *line)
{
	enum listening found = LISTENING_NOWHERE;

	*line = 0;
	for (size_t i = 1; i < file->count; i++) {
		char address[ADDRESS_DIGITS + 1];
		unsigned local_port, state;

		/* "sl: ADDRESS:PORT ADDRESS:PORT STATE ..." */
		if (sscanf(file->lines[i], " %*[0-9]: %32[0-9A-F]:%4X %*32[0-9A-F]:%*4X %2X",
			address, &local_port, &state) != 3 ||
		    local_port != port || state != STATE_LISTEN)
			continue;
		if (found == LISTENING_NOWHERE || !is_loopback(address))
			*line = i + 1;
		if (!is_loopback(address))
			return LISTENING_TO_ALL;
		found = LISTENING_LOCALLY;
	}
	return found;
}

static void
check_port(struct draft *draft, const struct box_file *files[2], size_t p)
{
	enum listening best = LISTENING_NOWHERE;

	for (size_t i = 0; i < 2; i++) {
		size_t line;
		enum listening found = listening_on(files[i], ports[p].port, &line);

		if (found > best)
			best = found;
		if (line != 0)
			draft_evidence(draft, "%s:%zu: %.60s", files[i]->path, line,
			    files[i]->lines[line - 1]);
	}
	if (best == LISTENING_TO_ALL)
		draft_say(draft, CHECK_OK, "Port %u is listened on.", ports[p].port);
	else if (best == LISTENING_LOCALLY)
		draft_say(draft, ports[p].status,
		    "Port %u is listened on for this machine only: %s.", ports[p].port,
		    ports[p].what);
	else
		draft_say(draft, ports[p].status, "Nothing listens on port %u: %s.", ports[p].port,
		    ports[p].what);
}

void
listening_check(struct checks *checks)
{
	struct draft draft = {0};
	const struct box_file *files[2];

	if (!box_is_here(checks->box))
		return;
	files[0] = box_read(checks->box, "/proc/net/tcp");
	files[1] = box_read(checks->box, "/proc/net/tcp6");
	if (files[0]->error != NULL && files[1]->error != NULL) {
		checks_add(checks, "listening", CHECK_UNKNOWN,
		    "Whether anything listens on ports 25, 465 and 587 cannot be told: %s %s.",
		    files[0]->path, files[0]->error);
		return;
	}
	for (size_t p = 0; p < sizeof(ports) / sizeof(ports[0]); p++)
		check_port(&draft, files, p);
	if (draft.status != CHECK_OK)
		draft_advise(&draft,
		    "root looks whether Exim runs (systemctl status exim), starts it, and looks at daemon_smtp_ports and local_interfaces of its configuration.");
	draft_add(&draft, checks, "listening");
}
