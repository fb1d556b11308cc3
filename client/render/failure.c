/* Failure: cause, who must act, what to do and the reply, as recipients, refusals and explain have them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/failure.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/render/value.h"

enum { REPLY_SLACK = sizeof("550 5.1.1    ") };

char *
failure_label(struct json_object *failure)
{
	const char *class = value_text(failure, "class"),
		   *severity = value_text(failure, "severity");
	bool has_severity = severity != NULL && strcmp(severity, "none") != 0;
	char *label = NULL;

	if (class == NULL)
		return strdup(has_severity ? severity : "");
	if (asprintf(&label, "%s%s%s", has_severity ? severity : "", has_severity ? ": " : "",
		class) < 0)
		return NULL;
	return label;
}

enum tone
failure_tone(struct json_object *failure)
{
	const char *severity = value_text(failure, "severity");

	if (severity == NULL)
		return TONE_PLAIN;
	return strcmp(severity, "hard") == 0 ? TONE_BAD : TONE_WARN;
}

const char *
failure_who(const char *who)
{
	static const struct {
		const char *who, *words;
	} people[] = {
	    {"local-admin", "the administrator of this server"},
	    {"remote-admin", "the administrator of the other server"},
	    {"sender-user", "the sender"},
	    {"recipient", "the recipient"},
	    {"network", "whoever runs the network or firewall in between"},
	    {"sender-reputation", "the administrator of this server: its reputation suffers"},
	    {"nobody", "nobody"},
	};

	if (who == NULL)
		return "";
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		if (strcmp(who, people[i].who) == 0)
			return people[i].words;
	return who;
}

void
failure_show_steps(struct screen *screen, int indent, struct json_object *failure)
{
	size_t count;
	struct json_object *advice = value_array(failure, "advice", &count);
	int hang = indent + LABEL_WIDTH;

	if (count == 1) {
		screen_paragraph(screen, indent, "What to do", hang, value_text_at(advice, 0));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char label[48];
		int number_width = count > 9 ? 4 : 3;

		snprintf(label, sizeof(label), "%-*s%zu.", LABEL_WIDTH, i == 0 ? "What to do" : "",
		    i + 1);
		screen_paragraph(screen, indent, label, hang + number_width,
		    value_text_at(advice, i));
	}
}

static const char *
phase_words(const char *phase)
{
	static const struct {
		const char *phase, *words;
	} phases[] = {
	    {"connect", "on connecting"},
	    {"ehlo", "after EHLO"},
	    {"starttls", "at STARTTLS"},
	    {"auth", "at AUTH, the login"},
	    {"mail", "after MAIL FROM"},
	    {"rcpt", "after RCPT TO"},
	    {"data", "after DATA"},
	    {"end-of-data", "after the whole message"},
	};

	for (size_t i = 0; phase != NULL && i < sizeof(phases) / sizeof(phases[0]); i++)
		if (strcmp(phase, phases[i].phase) == 0)
			return phases[i].words;
	return phase;
}

/* Who said it: the remote server and when, or the part of this Exim that did, nobody else having been asked. */
static char *
speaker_of(struct json_object *failure, struct json_object *reply)
{
	const char *host = value_text(failure, "host"), *ip = value_text(failure, "ip");
	const char *router = value_text(failure, "router"),
		   *transport = value_text(failure, "transport");
	const char *phase = phase_words(value_text(reply, "phase"));
	char *text = NULL;
	int len = 0;

	if (host != NULL || ip != NULL)
		len = asprintf(&text, "(%s%s%s%s%s%s%s)", host != NULL ? host : "",
		    host != NULL ? " " : "", ip != NULL ? "[" : "", ip != NULL ? ip : "",
		    ip != NULL ? "]" : "", phase != NULL ? ", " : "", phase != NULL ? phase : "");
	else if (transport != NULL)
		len = asprintf(&text, "(transport %s of this server)", transport);
	else if (router != NULL)
		len = asprintf(&text, "(router %s, no remote server was asked)", router);
	return len > 0 ? text : NULL;
}

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static size_t
longest_line(const char *text)
{
	size_t longest = 0;

	for (const char *end; *text != '\0'; text = *end != '\0' ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if ((size_t)(end - text) > longest)
			longest = (size_t)(end - text);
	}
	return longest;
}

/* A reply of several lines keeps them as they came: where they are long, it begins below its label. */
static void
show_reply(struct screen *screen, int indent, struct json_object *failure)
{
	struct json_object *reply = value_member(failure, "reply");
	const char *text = value_text(reply, "text"), *enhanced = value_text(reply, "enhanced");
	int hang = indent + LABEL_WIDTH;
	char code[16] = "", *words = NULL;

	if (text == NULL)
		return;
	if (value_int(reply, "code") != 0)
		snprintf(code, sizeof(code), "%d", (int)value_int(reply, "code"));
	if (begins_with(text, code))
		code[0] = '\0';
	if (enhanced == NULL || strstr(text, enhanced) != NULL)
		enhanced = "";
	char *speaker = speaker_of(failure, reply);
	bool is_long = strchr(text, '\n') != NULL &&
	    longest_line(text) + REPLY_SLACK > (size_t)(screen->width - hang);
	bool is_one_line = speaker != NULL && strchr(text, '\n') == NULL &&
	    strlen(text) + strlen(speaker) + REPLY_SLACK < (size_t)(screen->width - hang);
	if (asprintf(&words, "%s%s%s%s%s%s%s%s", is_long ? "\n" : "", code,
		code[0] != '\0' ? " " : "", enhanced, enhanced[0] != '\0' ? " " : "", text,
		speaker == NULL ? "" :
		    is_one_line ? "   " :
				  "\n",
		speaker != NULL ? speaker : "") >= 0)
		screen_paragraph(screen, indent, "Reply", is_long ? indent + 2 : hang, words);
	free(words);
	free(speaker);
}

static void
show_facts(struct screen *screen, int indent, struct json_object *failure)
{
	struct json_object *facts = value_member(failure, "facts");
	const char *list = value_text(facts, "list"), *list_url = value_text(facts, "list_url");
	const char *url = value_text(facts, "url"), *limit = value_text(facts, "limit");
	int hang = indent + LABEL_WIDTH;

	if (list != NULL)
		screen_paragraph(screen, indent, "Blocklist", hang, list);
	if (list_url != NULL)
		screen_paragraph(screen, indent, list != NULL ? "" : "Link", hang, list_url);
	if (url != NULL && (list_url == NULL || strcmp(url, list_url) != 0))
		screen_paragraph(screen, indent, "Link", hang, url);
	if (limit != NULL)
		screen_paragraph(screen, indent, "Limit", hang, limit);
}

static void
show_context(struct screen *screen, int indent, struct json_object *failure)
{
	size_t count;
	struct json_object *context = value_array(failure, "context", &count);

	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, indent, i == 0 ? "Besides" : "", indent + LABEL_WIDTH,
		    value_text_at(context, i));
}

void
failure_show(struct screen *screen, int indent, struct json_object *failure, const char *same_as)
{
	const char *summary = value_text(failure, "summary"),
		   *customer = value_text(failure, "customer");
	const char *who = failure_who(value_text(failure, "who"));
	int hang = indent + LABEL_WIDTH;
	char *as = NULL;

	if (summary != NULL)
		screen_paragraph(screen, indent, "", indent, summary);
	if (same_as != NULL) {
		if (asprintf(&as, "as for %s above", same_as) >= 0)
			screen_paragraph(screen, indent, "What to do", hang, as);
		free(as);
	} else {
		if (who[0] != '\0' && value_text(failure, "class") != NULL)
			screen_paragraph(screen, indent, "Who must act", hang, who);
		failure_show_steps(screen, indent, failure);
		if (customer != NULL && customer[0] != '\0')
			screen_paragraph(screen, indent, "Tell them", hang, customer);
	}
	show_reply(screen, indent, failure);
	show_facts(screen, indent, failure);
	show_context(screen, indent, failure);
}
