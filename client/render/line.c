/* Lines: one failure or message in two or three lines, for lists that are scanned. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/line.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "client/render/failure.h"
#include "client/render/story.h"
#include "client/render/text.h"
#include "client/render/value.h"
#include "client/render/when.h"

enum { SEVERITY_WIDTH = 6, INDENT = 18, WIDTH_MAX = 100 };

/* Ends the first line with the id at the right edge. */
static void
show_id(struct screen *screen, int used, const char *id)
{
	int width = screen->width < WIDTH_MAX ? screen->width : WIDTH_MAX;
	int id_width = (int)text_width(id);

	screen_pad(screen, width - used - id_width > 2 ? width - used - id_width : 2);
	screen_show(screen, TONE_FAINT, id);
	screen_print(screen, "\n");
}

static const char *
sender_of(struct json_object *item)
{
	const char *sender = value_text(item, "sender");

	return sender == NULL ? "?" : sender[0] == '\0' ? "<>" : sender;
}

void
line_show_failure(struct screen *screen, struct json_object *item)
{
	const char *address = value_text(item, "address"), *id = value_text(item, "id");
	const char *severity = value_text(item, "severity"), *class = value_text(item, "class");
	const char *summary = value_text(item, "summary");
	char at[WHEN_SIZE], *route = NULL;

	screen_print(screen, "%s  ", when_format_short(value_text(item, "at"), at));
	int used = screen_show(screen, failure_tone(item), severity != NULL ? severity : "?");
	screen_pad(screen, SEVERITY_WIDTH - used);
	used = INDENT + SEVERITY_WIDTH;
	used += screen_show(screen, TONE_STRONG, class != NULL ? class : "?");
	show_id(screen, used, id != NULL ? id : "(no id)");
	if ((address != NULL || value_text(item, "sender") != NULL) &&
	    asprintf(&route, "%s -> %s", sender_of(item), address != NULL ? address : "?") >= 0)
		screen_hanging(screen, INDENT, INDENT, route);
	free(route);
	if (summary != NULL)
		screen_hanging(screen, INDENT, INDENT, summary);
}

void
line_show_message(struct screen *screen, struct json_object *item)
{
	const char *verdict = value_text(item, "verdict"), *id = value_text(item, "id");
	const char *subject = value_text(item, "subject"), *ip = value_text(item, "from_ip");
	int64_t recipients = value_int(item, "recipients");
	char at[WHEN_SIZE], *route = NULL;

	screen_print(screen, "%s  ", when_format_short(value_text(item, "arrived"), at));
	int used = INDENT +
	    screen_show(screen, verdict_tone(verdict), verdict != NULL ? verdict : "?");
	show_id(screen, used, id != NULL ? id : "(no id)");
	if (asprintf(&route, "%s%s%s to %" PRIi64 " recipient%s", sender_of(item),
		ip != NULL ? " from " : "", ip != NULL ? ip : "", recipients,
		recipients == 1 ? "" : "s") >= 0)
		screen_hanging(screen, INDENT, INDENT, route);
	free(route);
	if (subject != NULL)
		screen_hanging(screen, INDENT, INDENT, subject);
}
