/* Advice: the texts of rules and classes with the facts of one failure filled in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/advice.h"

#include <stdio.h>

#include "daemon/classify/classifier.h"
#include "daemon/classify/enhanced.h"
#include "daemon/text/utf8.h"

enum { STEP_ROOM = 2048 };

/* What a template may name, where it stands, and the words for it when it is not known and the template has none. */
static const struct {
	const char *name;
	size_t offset;
	const char *words;
} placeholders[] = {
    {"address", offsetof(struct facts, address), "the recipient"},
    {"local_part", offsetof(struct facts, local_part), "the mailbox"},
    {"domain", offsetof(struct facts, domain), "the recipient's domain"},
    {"sender", offsetof(struct facts, sender), "the sender"},
    {"sender_domain", offsetof(struct facts, sender_domain), "the sender's domain"},
    {"host", offsetof(struct facts, host), "the remote server"},
    {"ip", offsetof(struct facts, ip), "this server's IP address"},
    {"list", offsetof(struct facts, list), "a blocklist"},
    {"list_url", offsetof(struct facts, list_url), "the list's web site"},
    {"url", offsetof(struct facts, url), "the link in the reply"},
    {"limit", offsetof(struct facts, limit), "the limit"},
    {"id", offsetof(struct facts, id), "ID"},
    {"helo", offsetof(struct facts, helo), "its HELO name"},
    {"login", offsetof(struct facts, login), "the login"},
    {"client_ip", offsetof(struct facts, client_ip), "the client"},
    {"router", offsetof(struct facts, router), "the router"},
    {"transport", offsetof(struct facts, transport), "the transport"},
    {"malware", offsetof(struct facts, malware), "malware"},
    {"score", offsetof(struct facts, score), "its score"},
    {"again", offsetof(struct facts, again), ""},
    {"waiting", offsetof(struct facts, waiting), "the message"},
    {"waiting_id", offsetof(struct facts, waiting_id), "ID"},
    {"method", offsetof(struct facts, method), "SPF, DKIM or DMARC"},
    {"auth_domain", offsetof(struct facts, auth_domain), "the sender's domain"},
};

/* A text that grows in a caller's buffer and is cut at its end. */
struct room {
	char *at;
	size_t len, size;
};

static void
put(struct room *room, struct slice text)
{
	/* Facts come from strangers: what is no UTF-8, and control characters, turn into blanks. */
	while (text.len != 0 && room->len + 4 < room->size) {
		size_t left = room->size - room->len - 4,
		       taken = utf8_plain(slice_first(text, left));
		uint32_t code_point;

		if (taken != 0) {
			memcpy(room->at + room->len, text.at, taken);
			room->len += taken;
			text = slice_skip(text, taken);
			continue;
		}
		taken = utf8_take(text, &code_point);
		if (taken == 0 || utf8_is_control(code_point)) {
			room->at[room->len++] = ' ';
			taken = taken != 0 ? taken : 1;
		} else {
			memcpy(room->at + room->len, text.at, taken);
			room->len += taken;
		}
		text = slice_skip(text, taken);
	}
}

/* A piece of a template: plain text, or what stands in braces: {name} or {name|words}. Other braces are text. */
struct piece {
	struct slice text, name, words;
	bool is_placeholder, has_words;
};

static struct piece
take_piece(struct slice *template)
{
	ptrdiff_t open = slice_find_byte(*template, '{');
	struct piece piece = {
	    .text = slice_first(*template, open < 0 ? template->len : (size_t)open)};

	if (open == 0) {
		struct slice inside = slice_skip(*template, 1);
		size_t len = 0;

		while (len < inside.len &&
		    ((inside.at[len] >= 'a' && inside.at[len] <= 'z') || inside.at[len] == '_'))
			len++;
		piece.name = slice_first(inside, len);
		piece.has_words = len < inside.len && inside.at[len] == '|';
		ptrdiff_t close = slice_find_byte(inside, '}');
		piece.is_placeholder = len != 0 && close >= (ptrdiff_t)len &&
		    (piece.has_words || close == (ptrdiff_t)len);
		if (piece.is_placeholder) {
			if (piece.has_words)
				piece.words = slice_of(inside.at + len + 1,
				    (size_t)close - len - 1);
			*template = slice_skip(inside, (size_t)close + 1);
			return piece;
		}
		piece.text = slice_first(*template, 1);
	}
	*template = slice_skip(*template, piece.text.len);
	return piece;
}

/* The number of the placeholder of that name, or -1. */
static int
find_placeholder(struct slice name)
{
	for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
		if (slice_equal(name, slice_str(placeholders[i].name)))
			return (int)i;
	return -1;
}

bool
template_check(const char *template, struct slice *unknown)
{
	struct slice rest = slice_str(template);

	while (!slice_is_empty(rest)) {
		struct piece piece = take_piece(&rest);

		if (piece.is_placeholder && find_placeholder(piece.name) < 0) {
			*unknown = piece.name;
			return false;
		}
	}
	return true;
}

/* Fills a template in. False when a placeholder had neither value nor words of its own, and was filled with the general ones. */
static bool
expand(const char *template, const struct facts *facts, struct room *room)
{
	struct slice rest = slice_str(template);
	bool is_complete = true;

	while (!slice_is_empty(rest)) {
		struct piece piece = take_piece(&rest);
		int number = piece.is_placeholder ? find_placeholder(piece.name) : -1;

		if (number < 0) {
			put(room, piece.text);
			continue;
		}
		const struct slice *value = (const struct slice *)((const char *)facts +
		    placeholders[number].offset);
		if (value->len != 0) {
			put(room, *value);
		} else if (piece.has_words) {
			put(room, piece.words);
		} else {
			put(room, slice_str(placeholders[number].words));
			is_complete = false;
		}
	}
	room->at[room->len] = '\0';
	return is_complete;
}

/*
 * Steps are copied into shells. What a stranger named himself so that a shell would act on it is not known there: the template's own
 * words stand in its place.
 */
static struct facts
facts_for_commands(const struct facts *facts)
{
	static const bool is_harmless[UINT8_MAX + 1] = {['A' ... 'Z'] = true,
	    ['a' ... 'z'] = true,
	    ['0' ... '9'] = true,
	    ['@'] = true,
	    ['.'] = true,
	    ['_'] = true,
	    ['+'] = true,
	    ['-'] = true,
	    [':'] = true,
	    ['/'] = true,
	    ['='] = true,
	    ['%'] = true,
	    [','] = true,
	    ['~'] = true,
	    [' '] = true};
	struct facts safe = *facts;

	for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++) {
		struct slice *value = (struct slice *)((char *)&safe + placeholders[i].offset);

		for (size_t c = 0; c < value->len; c++)
			if (!is_harmless[(uint8_t)value->at[c]])
				value->len = 0;
		if (value->len != 0 && value->at[0] == '-')
			value->len = 0;
	}
	/* A link is opened, not run; "this server" is no name of a host. */
	safe.url = facts->url;
	if (facts->is_refused_here || facts->is_local)
		safe.host.len = 0;
	return safe;
}

static const struct rule *
rule_of(const struct classifier *classifier, const struct classification *classification)
{
	return classification->rule_index < classifier->rules.count ?
	    &classifier->rules.rules[classification->rule_index] :
	    NULL;
}

/*
 * The texts of a rule are for when another server refused. Where this one did, and somebody else must act then, they are passed over,
 * unless the rule says who must act, or that it is for what is refused here.
 */
static bool
has_texts_for(const struct rule *rule, const struct class *class, const struct facts *facts)
{
	return rule != NULL &&
	    (!facts->is_refused_here || class->refused.who == NULL || rule->who != NULL ||
		rule->kinds != 0);
}

static void
fill_texts(struct class_texts *texts, const struct class_texts *from)
{
	if (texts->who == NULL)
		texts->who = from->who;
	if (texts->summary == NULL)
		texts->summary = from->summary;
	if (texts->advice == NULL)
		texts->advice = from->advice;
	if (texts->customer == NULL)
		texts->customer = from->customer;
}

/* The texts for where the failure happened: the rule's, else the class's; what is not said there is said as for the next wider place. */
static struct class_texts
texts_for(const struct classifier *classifier, const struct classification *classification,
    const struct facts *facts)
{
	const struct rule *rule = rule_of(classifier, classification);
	const struct class *class = &classifier->classes.classes[classification->class_index];
	struct class_texts texts = {0};

	if (facts->is_bounce)
		fill_texts(&texts, &class->bounce);
	if (has_texts_for(rule, class, facts))
		fill_texts(&texts,
		    &(struct class_texts){.who = rule->who,
			.summary = rule->summary,
			.advice = (const char **)rule->advice,
			.customer = rule->customer});
	if (facts->is_refused_here)
		fill_texts(&texts, &class->refused);
	/* What is said of many is said of those that went out, unless there is nothing to say of those that came in. */
	if (facts->is_many && (!facts->is_refused_here || class->refused.advice == NULL))
		fill_texts(&texts, &class->many);
	if (facts->is_refused_here || facts->is_local)
		fill_texts(&texts, &class->local);
	if (facts->is_bare)
		fill_texts(&texts, &class->bare);
	fill_texts(&texts, &class->texts);
	if (texts.who == NULL)
		texts.who = class->who;
	return texts;
}

const char *
advice_who(const struct classifier *classifier, const struct classification *classification,
    const struct facts *facts)
{
	return texts_for(classifier, classification, facts).who;
}

static void
capitalise(char *text)
{
	if (text[0] >= 'a' && text[0] <= 'z' && strchr(" .,", text[1]) == NULL &&
	    (strncmp(text, "the ", 4) == 0 || strncmp(text, "this ", 5) == 0))
		text[0] = (char)(text[0] - 'a' + 'A');
}

size_t
advice_summary(const struct classifier *classifier, const struct classification *classification,
    const struct failure *failure, const struct facts *facts, char *buffer, size_t size)
{
	struct room room = {buffer, 0, size};

	expand(texts_for(classifier, classification, facts).summary, facts, &room);
	if (classification->class_index == classifier->unclassified) {
		struct reply reply;

		reply_parse(failure->message, &reply);
		const char *meaning = enhanced_meaning(&reply.enhanced);
		if (meaning != NULL) {
			char text[256];
			int len = snprintf(text, sizeof(text), " Its code %u.%u.%u means: %s.",
			    reply.enhanced.class, reply.enhanced.subject, reply.enhanced.detail,
			    meaning);

			put(&room, slice_of(text, (size_t)len));
			buffer[room.len] = '\0';
		}
	}
	capitalise(buffer);
	return room.len;
}

void
advice_steps(const struct classifier *classifier, const struct classification *classification,
    const struct facts *facts, advice_text_fn *emit, void *context)
{
	const char *const *steps =
	    (const char *const *)texts_for(classifier, classification, facts).advice;
	struct facts safe = facts_for_commands(facts);
	char text[STEP_ROOM];

	for (size_t i = 0; steps != NULL && steps[i] != NULL; i++) {
		struct room room = {text, 0, sizeof(text)};

		if (expand(steps[i], &safe, &room))
			emit(context, text);
	}
}

size_t
advice_customer(const struct classifier *classifier, const struct classification *classification,
    const struct facts *facts, char *buffer, size_t size)
{
	const char *template = texts_for(classifier, classification, facts).customer;
	struct room room = {buffer, 0, size};

	buffer[0] = '\0';
	if (template != NULL)
		expand(template, facts, &room);
	while (room.len != 0 && buffer[room.len - 1] == ' ')
		buffer[--room.len] = '\0';
	return room.len;
}
