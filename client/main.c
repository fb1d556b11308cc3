/* bouncectl: asks bounced and renders its answers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "client/help.h"
#include "client/session.h"

static int
run(struct session *session, const struct arguments *arguments)
{
	if (arguments->wants_version) {
		screen_print(&session->screen, "bouncectl " PACKAGE_VERSION "\n");
		return EXIT_ANSWERED;
	}
	if (arguments->wants_help) {
		help_show(&session->screen, arguments->command);
		return EXIT_ANSWERED;
	}
	session->wants_pager = !arguments->no_pager && !arguments->command->is_live;
	return arguments->command->run(session, arguments);
}

/* A descriptor that was closed would be taken by the socket, and the answer written into it. */
static void
open_standard_descriptors(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		continue;
	if (fd > STDERR_FILENO)
		close(fd);
}

int
main(int argc, char *argv[])
{
	struct arguments arguments;
	struct session session;

	/* For the width of characters alone: numbers and errors are shown the same everywhere. */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	open_standard_descriptors();
	int status = arguments_parse(&arguments, argc, argv);
	if (status == 0) {
		session_init(&session, &arguments);
		status = session_end(&session, run(&session, &arguments));
	}
	arguments_clear(&arguments);
	return status;
}
