/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/findings.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/render/value.h"

enum {
	NAME_COLUMN = 9, /* behind the status */
	TEXT_COLUMN = 24,
	EVIDENCE_SHOWN = 1000, /* bytes: an RSA key of 4096 bits takes 700 */
};

enum { STATUSES = 4 };

static const struct {
	const char *status, *one, *many;
	enum tone tone;
} kinds[STATUSES] = {
    {"fail", "failed", "failed", TONE_BAD},
    {"warn", "warning", "warnings", TONE_WARN},
    {"unknown", "unknown", "unknown", TONE_FAINT},
    {"ok", "ok", "ok", TONE_GOOD},
};

static int
kind_of(struct json_object *item)
{
	const char *status = value_text(item, "status");

	for (int i = 0; status != NULL && i < STATUSES; i++)
		if (strcmp(kinds[i].status, status) == 0)
			return i;
	return STATUSES - 2;
}

/* Evidence as it was read, but for what only fills the screen: a record of DNS may have 64 KiB. */
static void
show_evidence(struct screen *screen, int indent, const char *text)
{
	size_t len = strlen(text);
	int end = EVIDENCE_SHOWN;
	char *shown = NULL;

	/* Not within a character (RFC 3629 3). */
	while (len > EVIDENCE_SHOWN && end > 0 && (text[end] & 0xC0) == 0x80)
		end--;
	if (len > EVIDENCE_SHOWN &&
	    asprintf(&shown, "%.*s ... (%zu bytes in all)", end, text, len) < 0)
		shown = NULL;
	screen_hanging(screen, indent, indent + 2, shown != NULL ? shown : text);
	free(shown);
}

static void
show_item(struct screen *screen, int indent, struct json_object *item)
{
	const char *name = value_text(item, "check"), *finding = value_text(item, "finding");
	int kind = kind_of(item), used;
	size_t count;

	screen_pad(screen, indent);
	used = screen_show(screen, kinds[kind].tone, kinds[kind].status);
	screen_pad(screen, NAME_COLUMN - used);
	used = indent + NAME_COLUMN + screen_show(screen, TONE_STRONG, name != NULL ? name : "");
	screen_text(screen, used, indent + TEXT_COLUMN, finding != NULL ? finding : "");
	struct json_object *lines = value_array(item, "evidence", &count);
	for (size_t i = 0; i < count; i++)
		show_evidence(screen, indent + TEXT_COLUMN,
		    json_object_get_string(json_object_array_get_idx(lines, i)));
	lines = value_array(item, "advice", &count);
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, indent + TEXT_COLUMN, "->", indent + TEXT_COLUMN + 3,
		    json_object_get_string(json_object_array_get_idx(lines, i)));
}

/* The worst first, which a long output would hide. */
static void
show_items(struct screen *screen, int indent, struct json_object *items, int counts[STATUSES])
{
	for (int kind = 0; kind < STATUSES; kind++)
		for (size_t i = 0; i < json_object_array_length(items); i++) {
			struct json_object *item = json_object_array_get_idx(items, i);

			if (kind_of(item) != kind)
				continue;
			counts[kind]++;
			show_item(screen, indent, item);
		}
}

void
findings_show(struct screen *screen, struct json_object *result)
{
	const char *target = value_text(result, "target");
	int counts[STATUSES] = {0};
	struct json_object *items;

	screen_show(screen, TONE_STRONG, target != NULL ? target : "");
	screen_print(screen, "\n");
	if (json_object_object_get_ex(result, "items", &items))
		show_items(screen, 0, items, counts);
	screen_print(screen, "\n");
	bool is_first = true;
	for (int i = 0; i < STATUSES; i++)
		if (counts[i] != 0) {
			screen_print(screen, "%s%d %s", is_first ? "" : ", ", counts[i],
			    counts[i] == 1 ? kinds[i].one : kinds[i].many);
			is_first = false;
		}
	screen_print(screen, "%s\n", is_first ? "Nothing was checked." : ".");
}

void
findings_show_below_story(struct screen *screen, struct json_object *findings)
{
	int counts[STATUSES] = {0};

	if (json_object_array_length(findings) == 0)
		return;
	screen_print(screen, "\n  Checked just now:\n");
	show_items(screen, 2, findings, counts);
}
