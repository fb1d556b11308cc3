/* Lines: one failure in two lines, for lists that are scanned. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/line.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "client/render/failure.h"
#include "client/render/text.h"
#include "client/render/value.h"
#include "client/render/when.h"

enum { SEVERITY_WIDTH = 6, INDENT = 13 };

void
line_show_failure(struct screen *screen, struct json_object *item)
{
	const char *sender = value_text(item, "sender"), *address = value_text(item, "address");
	const char *id = value_text(item, "id"), *severity = value_text(item, "severity");
	const char *class = value_text(item, "class"), *summary = value_text(item, "summary");
	char at[WHEN_SIZE], *route = NULL;

	screen_print(screen, "%s  ", when_format_short(value_text(item, "at"), at));
	int used = screen_show(screen, failure_tone(item), severity != NULL ? severity : "?");
	screen_pad(screen, SEVERITY_WIDTH - used);
	used = INDENT + SEVERITY_WIDTH;
	used += screen_show(screen, TONE_STRONG, class != NULL ? class : "?");
	if (id == NULL)
		id = "(no id)";
	screen_pad(screen, screen->width - used - (int)text_width(id) > 2 ?
		(screen->width < 100 ? screen->width : 100) - used - (int)text_width(id) : 2);
	screen_show(screen, TONE_FAINT, id);
	screen_print(screen, "\n");
	if (asprintf(&route, "%s -> %s", sender == NULL ? "?" : sender[0] == '\0' ? "<>" : sender,
		address != NULL ? address : "?") >= 0)
		screen_hanging(screen, INDENT, INDENT + 4, route);
	free(route);
	if (summary != NULL)
		screen_hanging(screen, INDENT, INDENT, summary);
}
