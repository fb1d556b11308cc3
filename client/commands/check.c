/* check: what DNS, blocklists, other servers and this server's files say about a domain, an address, an IP or this server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/target.h"
#include "client/commands/filters.h"
#include "client/commands/table.h"
#include "client/render/findings.h"
#include "client/session.h"

enum { PORT_MAX = 65535 };

static int
run(struct session *session, const struct arguments *arguments)
{
	const int64_t port = arguments_count(arguments, "port", 0);
	const struct checks_options checks_options = {
	    .root = arguments_value(arguments, "root"),
	    .nameserver = arguments_value(arguments, "nameserver"),
	    .wants_port25 = arguments_value(arguments, "port25") != NULL,
	    .port = (int)port,
	};
	const char *target = arguments->operand_count != 0 ? arguments->operands[0] : NULL;
	struct json_object *result = NULL;
	struct checks checks;

	if (arguments->host != NULL)
		return usage_error(
		    "check looks at the machine it runs on; for another one: ssh %s bouncectl check ...",
		    arguments->host);
	if (arguments->log_count != 0)
		return usage_error("check reads no log; leave --log out");
	if (port > PORT_MAX)
		return usage_error("--port needs a number from 1 to %d", PORT_MAX);
	if (port != 0 && !checks_options.wants_port25)
		return usage_error("--port goes with --port25");
	const char *error = checks_open(&checks, &checks_options);
	if (error == NULL)
		result = target_check(&checks, target, &error);
	checks_close(&checks);
	if (result == NULL)
		return usage_error("%s", error);
	if (session_is_json(session)) {
		session_print_json(session, result);
	} else {
		session_begin_output(session);
		findings_show(&session->screen, result);
	}
	int status = target_has_failed(result) ? EXIT_NOTHING : EXIT_ANSWERED;
	json_object_put(result);
	return status;
}

static const struct option_spec options[] = {
    {"port25", 0, OPTION_FLAG, NULL, NULL,
	"connect to port 25 of the mail servers, over IPv4 and IPv6"},
    {"port", 0, OPTION_COUNT, "PORT", NULL, "where mail servers listen, with --port25 (25)"},
    CHECKS_OPTIONS,
    OPTIONS_END,
};

const struct command command_check = {
    .name = "check",
    .usage = "[DOMAIN|IP|ADDRESS]",
    .summary = "look at DNS, blocklists, port 25 and the files that route mail",
    .details =
	"Without an operand, this server itself. Nothing is changed. Exit status: 0 all is well, 1 something failed.",
    .options = options,
    .operands_max = 1,
    .run = run,
};
