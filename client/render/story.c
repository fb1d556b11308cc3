/* Story: all that is known of one message, made to be read on the telephone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/story.h"

#include <ctype.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/render/failure.h"
#include "client/render/text.h"
#include "client/render/value.h"
#include "client/render/when.h"

enum {
	HEAD_HANG = 12,
	RECIPIENTS_SHOWN = 50, /* a message to thousands is told in JSON */
	DATE_LEN = sizeof("2013-12-14") - 1,
};

enum tone
verdict_tone(const char *verdict)
{
	static const char *const bad[] = {"bounced", "rejected", "partial"};
	static const char *const waiting[] = {"deferred", "frozen", "discarded", "removed"};

	if (verdict == NULL)
		return TONE_PLAIN;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strcmp(verdict, bad[i]) == 0)
			return TONE_BAD;
	for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++)
		if (strcmp(verdict, waiting[i]) == 0)
			return TONE_WARN;
	return strcmp(verdict, "delivered") == 0 ? TONE_GOOD : TONE_STRONG;
}

static void
show_title(struct screen *screen, struct json_object *story)
{
	const char *id = value_text(story, "id"), *verdict = value_text(story, "verdict");
	char *shouted = strdup(verdict != NULL ? verdict : "no verdict");

	for (char *at = shouted; at != NULL && *at != '\0'; at++)
		*at = (char)toupper((unsigned char)*at);
	screen_show(screen, TONE_STRONG, id != NULL ? id : "Not accepted, so it has no id");
	screen_print(screen, "   ");
	screen_show(screen, verdict_tone(verdict), shouted);
	screen_print(screen, "\n");
	free(shouted);
}

/* "dovecot_login:someuser" is the authenticator and who logged in. */
static const char *
login_of(const char *auth)
{
	const char *colon = auth != NULL ? strchr(auth, ':') : NULL;

	return colon != NULL ? colon + 1 : auth;
}

static void
show_sender(struct screen *screen, struct json_object *story)
{
	const char *sender = value_text(story, "sender"),
		   *login = login_of(value_text(story, "auth"));
	const char *user = value_text(story, "user"), *host = value_text(story, "from_host");
	const char *ip = value_text(story, "from_ip"), *bounce_of = value_text(story, "bounce_of");
	bool is_null_sender = sender != NULL ? sender[0] == '\0' || strcmp(sender, "<>") == 0 :
					       bounce_of != NULL;
	bool is_local = ip != NULL && (strcmp(ip, "127.0.0.1") == 0 || strcmp(ip, "::1") == 0);
	char *text = NULL, *from = NULL;

	if (ip != NULL && host != NULL && !is_local)
		from = asprintf(&text, "%s [%s]", host, ip) >= 0 ? text : NULL;
	else if (ip != NULL || host != NULL)
		from = text = strdup(ip != NULL ? ip : host);
	char *line = NULL;
	const char *shown = is_null_sender ? "<> (a bounce or an automatic answer)" :
	    sender != NULL                 ? sender :
					     "a sender that the log does not name";
	if (asprintf(&line, "%s%s%s%s%s%s%s", shown, login != NULL ? ", logged in as " : "",
		login != NULL ? login : "", login == NULL && user != NULL ? ", local user " : "",
		login == NULL && user != NULL ? user : "", from != NULL ? ", from " : "",
		from != NULL ? from : "") >= 0)
		screen_paragraph(screen, 2, "From", HEAD_HANG, line);
	free(line);
	free(text);
	if (value_text(story, "script") != NULL)
		screen_paragraph(screen, 2, "Script in", HEAD_HANG, value_text(story, "script"));
	if (bounce_of != NULL)
		screen_paragraph(screen, 2, "Bounce of", HEAD_HANG, bounce_of);
}

static void
show_times(struct screen *screen, struct json_object *story)
{
	const char *arrived = value_text(story, "arrived"),
		   *completed = value_text(story, "completed");
	char at[WHEN_SIZE], span[WHEN_SIZE];
	const char *verdict = value_text(story, "verdict");
	bool is_rejected = verdict != NULL && strcmp(verdict, "rejected") == 0;
	int64_t begin, end;
	char *line = NULL;
	int len;

	if (arrived == NULL)
		len = asprintf(&line, "before the window began%s%s",
		    completed != NULL ? ", finished " : "",
		    completed != NULL ? when_format(completed, at) : "");
	else if (value_text(story, "id") == NULL || is_rejected || !when_parse(arrived, &begin))
		len = asprintf(&line, "%s", when_format(arrived, at));
	else if (!when_parse(completed, &end))
		len = asprintf(&line, "%s, not finished yet", when_format(arrived, at));
	else if (end <= begin)
		len = asprintf(&line, "%s, finished in the same second", when_format(arrived, at));
	else
		len = asprintf(&line, "%s, finished %s later", when_format(arrived, at),
		    when_span(end - begin, span));
	if (len >= 0)
		screen_paragraph(screen, 2,
		    is_rejected                         ? "Refused" :
			value_text(story, "id") != NULL ? "Arrived" :
							  "At",
		    HEAD_HANG, line);
	free(line);
}

static void
show_head(struct screen *screen, struct json_object *story)
{
	const char *subject = value_text(story, "subject"),
		   *bounced_by = value_text(story, "bounced_by");
	const char *score = value_text(story, "spam_score");

	show_title(screen, story);
	show_sender(screen, story);
	if (subject != NULL)
		screen_paragraph(screen, 2, "Subject", HEAD_HANG, subject);
	show_times(screen, story);
	if (score != NULL)
		screen_paragraph(screen, 2, "Spam score", HEAD_HANG + 2, score);
	if (bounced_by != NULL) {
		char *line = NULL;

		if (asprintf(&line, "told to the sender by %s", bounced_by) >= 0)
			screen_paragraph(screen, 2, "Bounce", HEAD_HANG, line);
		free(line);
	}
}

/* The address at the left, what became of it at the right edge, or below it when there is no room. */
static void
show_recipient_title(struct screen *screen, struct json_object *recipient)
{
	const char *address = value_text(recipient, "address"),
		   *original = value_text(recipient, "original");
	const char *outcome = value_text(recipient, "outcome");
	char *label = failure_label(recipient);
	int width = screen->width < 100 ? screen->width : 100;

	if (label == NULL || label[0] == '\0') {
		free(label);
		label = strdup(outcome != NULL ? outcome : "");
	}
	char *clean = screen_clean(screen, label);
	int label_width = (int)text_width(clean);
	screen_print(screen, "\n  ");
	int at = 2 +
	    screen_show(screen, TONE_STRONG, address != NULL ? address : "no recipient named");
	if (at + 2 + label_width > width) {
		screen_print(screen, "\n");
		at = 0;
	}
	screen_pad(screen, width - label_width - at);
	screen_show(screen,
	    value_text(recipient, "class") != NULL ? failure_tone(recipient) :
						     verdict_tone(outcome),
	    label);
	screen_print(screen, "\n");
	if (original != NULL)
		screen_paragraph(screen, 4, "Sent to", 4 + LABEL_WIDTH, original);
	free(clean);
	free(label);
}

static void
show_tries(struct screen *screen, struct json_object *recipient)
{
	const char *at = value_text(recipient, "at"), *next = value_text(recipient, "next_try");
	int64_t attempts = value_int(recipient, "attempts");
	char last[WHEN_SIZE], then[WHEN_SIZE], line[3 * WHEN_SIZE];

	size_t sentences;

	/* Of what still waits, the sentences say how often it was tried. */
	value_array(recipient, "context", &sentences);
	if (next == NULL && (attempts < 2 || sentences != 0))
		return;
	int len = attempts < 2 ?
	    snprintf(line, sizeof(line), "once, at %s", when_format(at, last)) :
	    snprintf(line, sizeof(line), "%" PRIi64 " times, the last at %s", attempts,
		when_format(at, last));
	if (next != NULL)
		snprintf(line + len, sizeof(line) - (size_t)len, ", next try %s",
		    when_format(next, then));
	screen_paragraph(screen, 4, "Tried", 4 + LABEL_WIDTH, line);
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The first recipient before this one whose steps hold for it too. */
static const char *
find_same(struct json_object *recipients, size_t before, struct json_object *recipient)
{
	const char *class = value_text(recipient, "class"),
		   *outcome = value_text(recipient, "outcome");

	for (size_t i = 0; i < before; i++) {
		struct json_object *other = json_object_array_get_idx(recipients, i);

		if (is_same(value_text(other, "outcome"), outcome) &&
		    (class == NULL ? value_text(other, "class") == NULL :
				     is_same(value_text(other, "class"), class)))
			return value_text(other, "address");
	}
	return NULL;
}

static void
show_recipients(struct screen *screen, struct json_object *story)
{
	size_t count;
	struct json_object *recipients = value_array(story, "recipients", &count);

	for (size_t i = 0; i < count && i < RECIPIENTS_SHOWN; i++) {
		struct json_object *recipient = json_object_array_get_idx(recipients, i);
		size_t steps;

		value_array(recipient, "advice", &steps);
		show_recipient_title(screen, recipient);
		failure_show(screen, 4, recipient,
		    steps != 0 ? find_same(recipients, i, recipient) : NULL);
		show_tries(screen, recipient);
	}
	if (count > RECIPIENTS_SHOWN)
		screen_print(screen,
		    "\n  and %zu more recipients; bouncectl -o json why shows all of them\n",
		    count - RECIPIENTS_SHOWN);
}

static void
show_rejection(struct screen *screen, struct json_object *story)
{
	struct json_object *rejection = value_member(story, "rejection");
	struct json_object *trouble = value_member(story, "trouble");
	const char *login = value_text(rejection, "login");
	char *label;

	if (rejection == NULL)
		rejection = trouble;
	if (rejection == NULL)
		return;
	label = failure_label(rejection);
	screen_print(screen, "\n  ");
	screen_show(screen, failure_tone(rejection), label);
	screen_print(screen, "%s\n", value_bool(rejection, "temporary") ? " (for now)" : "");
	failure_show(screen, 4, rejection, NULL);
	if (login != NULL)
		screen_paragraph(screen, 4, "Login", 4 + LABEL_WIDTH, login);
	free(label);
}

/* Whether all lines are of one day, which then need not be said on each. */
static bool
is_one_day(struct json_object *evidence, size_t count)
{
	const char *first = value_text(json_object_array_get_idx(evidence, 0), "line");

	for (size_t i = 0; i < count; i++) {
		const char *line = value_text(json_object_array_get_idx(evidence, i), "line");

		if (line == NULL || first == NULL || strlen(line) <= DATE_LEN + 1 ||
		    line[DATE_LEN] != ' ' || strncmp(line, first, DATE_LEN) != 0)
			return false;
	}
	return true;
}

/* The line without the id, which the title has, and without the date where all have the same. */
static char *
shorten_line(const char *line, const char *id, bool drops_date)
{
	const char *rest = drops_date ? line + DATE_LEN + 1 : line;
	const char *found = id != NULL ? strstr(rest, id) : NULL;
	char *text = NULL;

	/* An id that stands behind the timestamp, the zone, the milliseconds and the pid, and nowhere later. */
	if (found == NULL || found - rest > 48 || found == rest || found[-1] != ' ' ||
	    found[strlen(id)] != ' ')
		return strdup(rest);
	if (asprintf(&text, "%.*s%s", (int)(found - rest), rest, found + strlen(id) + 1) < 0)
		return NULL;
	return text;
}

static void
show_evidence(struct screen *screen, struct json_object *story)
{
	size_t count;
	struct json_object *evidence = value_array(story, "evidence", &count);
	bool drops_date = count != 0 && is_one_day(evidence, count);
	const char *id = value_text(story, "id"), *file_before = NULL;

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(evidence, i);
		const char *file = value_text(entry, "file"), *line = value_text(entry, "line");

		if (i == 0 || (file != NULL && !is_same(file, file_before)))
			screen_paragraph(screen, 2, i == 0 ? "Evidence" : "", HEAD_HANG,
			    file != NULL ? file : "a log that is gone");
		file_before = file;
		char *text = line != NULL ? shorten_line(line, id, drops_date) : NULL;
		screen_hanging(screen, 4, 8,
		    text != NULL ? text : "(this line cannot be read back any more)");
		free(text);
	}
	struct json_object *is_complete = value_member(story, "evidence_complete");
	if (is_complete != NULL && !json_object_get_boolean(is_complete))
		screen_hanging(screen, 4, 4, "(there were more lines than can be read back)");
}

void
story_show(struct screen *screen, struct json_object *story)
{
	show_head(screen, story);
	show_rejection(screen, story);
	show_recipients(screen, story);
	show_evidence(screen, story);
}
