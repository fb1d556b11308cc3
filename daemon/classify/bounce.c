/* Bounces: whom each part of one is about, and what was said of that address. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>

#include "daemon/classify/pasting.h"
#include "daemon/classify/reply.h"
#include "daemon/classify/wording.h"
#include "daemon/exim/host.h"
#include "daemon/text/find_nocase.h"

enum { DOUBLED_MIN = 4 }; /* lines that all have a blank one after them */

/* How much is known of an address; a report and the words above it tell of the same ones, and the better is told. */
enum rank {
	RANK_STATUS, /* nothing but the Status field */
	RANK_WORDS,
	RANK_REPLY, /* words with a code */
};

struct finding {
	struct slice address, host, ip, status;
	size_t begin, len; /* in words */
	enum rank rank;
};

struct bounce {
	struct slice text;
	struct text
	    words; /* of all findings, and behind them of the open one; its room is never moved */
	struct finding findings[PASTED_FOUND_MAX];
	size_t count, begin;
	struct slice address; /* the last that was named */
	bool is_open;         /* what is read belongs to the address */
	bool has_reply;       /* the open one quotes a session: its own words are not wanted */
	bool is_doubled;      /* each line is a paragraph, and blank lines mean nothing */
};

static bool
has(struct slice text, const char *what)
{
	return slice_find(text, slice_str(what)) >= 0;
}

/* --- findings --- */

static struct finding *
find_address(struct bounce *bounce, struct slice address)
{
	for (size_t i = 0; i < bounce->count; i++)
		if (slice_equal_nocase(bounce->findings[i].address, address))
			return &bounce->findings[i];
	return NULL;
}

static void
add(struct bounce *bounce, struct finding new)
{
	struct finding *old = find_address(bounce, new.address);

	if (old == NULL) {
		if (bounce->count < PASTED_FOUND_MAX)
			bounce->findings[bounce->count++] = new;
		return;
	}
	struct finding *better = new.rank > old->rank ? &new : old;
	struct finding *other = better == old ? &new : old;
	if (better->host.len == 0)
		better->host = other->host;
	if (better->status.len == 0)
		better->status = other->status;
	*old = *better;
}

/* "host mx.b.example [192.0.2.1] SMTP error ...", "(generated from a@b)": Exim's own words before what was said. */
static struct slice
take_exim_words(struct slice words, struct finding *finding)
{
	struct slice rest = words;
	struct host host;

	if (slice_take_prefix(&rest, SLICE("host ")) && host_take(&rest, &host) &&
	    host.ip.len != 0 && !slice_has_prefix(rest, SLICE(" said:")) &&
	    !slice_has_prefix(rest, SLICE(" refused to talk"))) {
		finding->host = host.name;
		finding->ip = host.ip;
		slice_take_prefix(&rest, SLICE(":"));
		words = slice_trim(rest);
	}
	slice_take_prefix(&words, SLICE("Delay reason: "));
	return words;
}

/* Ends the block that is open, if anything was said in it. The words stand behind those of the findings. */
static void
finish_block(struct bounce *bounce)
{
	struct slice all = text_slice(&bounce->words);
	struct finding finding = {.address = bounce->address, .rank = RANK_WORDS};
	struct slice words = slice_trim(slice_skip(all, bounce->begin));
	struct reply reply;

	bounce->is_open = bounce->has_reply = false;
	if (words.len == 0) {
		bounce->words.len = bounce->begin;
		return;
	}
	words = words_without_frame(words, &finding.host);
	words = take_exim_words(words, &finding);
	reply_parse(words, &reply);
	if (reply.code != 0 || reply.enhanced.class != 0)
		finding.rank = RANK_REPLY;
	finding.begin = (size_t)(words.at - all.at);
	finding.len = words.len;
	bounce->begin = bounce->words.len;
	add(bounce, finding);
}

static void
tell_all(struct bounce *bounce, struct pasting *pasting)
{
	struct sample *sample = pasting->sample;

	for (size_t i = 0; i < bounce->count; i++) {
		const struct finding *finding = &bounce->findings[i];
		struct slice words = slice_skip(text_slice(&bounce->words), finding->begin);
		struct reply reply;

		words = slice_first(words, finding->len);
		reply_parse(words, &reply);
		pasting->entry.len = 0;
		text_put(&pasting->entry, words);
		/* What has no code of its own has it in Status; 5.0.0 and the like say nothing. */
		if (reply.enhanced.class == 0 && finding->status.len != 0 &&
		    (words.len == 0 || !slice_has_suffix(finding->status, SLICE(".0.0")))) {
			text_put(&pasting->entry, SLICE(" "));
			text_put(&pasting->entry, finding->status);
		}
		sample_parse(text_slice(&pasting->entry), sample);
		if (finding->address.len != 0) {
			struct slice domain = finding->address;

			slice_take_until(&domain, '@');
			sample->address = finding->address;
			sample->failure.domain = domain;
		}
		if (sample->failure.host.len == 0)
			sample->failure.host = finding->host;
		if (sample->failure.ip.len == 0)
			sample->failure.ip = finding->ip;
		pasting_tell(pasting);
	}
}

/* --- RFC 3464: the fields of message/delivery-status --- */

/* One recipient's group of fields. */
struct status_group {
	struct finding finding;
	bool has_failed, has_succeeded, has_words;
};

/* The value of a field where the line has it: "Diagnostic-Code: smtp; 550 ..." without the type in front. */
static bool
take_status_field(struct slice line, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	if (line.len <= len || !slice_equal_nocase(slice_first(line, len), slice_str(name)) ||
	    line.at[len] != ':')
		return false;
	*value = slice_trim(slice_skip(line, len + 1));
	ptrdiff_t type = slice_find_byte(slice_first(*value, 16), ';');
	if (type > 0)
		*value = slice_trim(slice_skip(*value, (size_t)type + 1));
	return true;
}

static void
finish_group(struct bounce *bounce, struct status_group *group)
{
	struct finding *finding = &group->finding;

	/* Some leave Action out. */
	if (!group->has_succeeded &&
	    (group->has_failed || group->has_words || finding->status.len != 0)) {
		struct slice all = text_slice(&bounce->words);
		struct slice words = slice_trim(slice_skip(all, bounce->begin));

		finding->rank = words.len != 0 ? RANK_REPLY : RANK_STATUS;
		finding->begin = words.len != 0 ? (size_t)(words.at - all.at) : bounce->begin;
		finding->len = words.len;
		if (finding->status.len != 0 || words.len != 0)
			add(bounce, *finding);
	}
	bounce->begin = bounce->words.len;
	*group = (struct status_group){0};
}

static void
read_status_field(struct bounce *bounce, struct status_group *group, struct slice line,
    struct slice **folded)
{
	struct slice value;

	*folded = NULL;
	if (take_status_field(line, "Final-Recipient", &value)) {
		group->finding.address = value;
		*folded = &group->finding.address;
	} else if (take_status_field(line, "Action", &value)) {
		group->has_succeeded = slice_equal_nocase(value, SLICE("delivered")) ||
		    slice_equal_nocase(value, SLICE("relayed")) ||
		    slice_equal_nocase(value, SLICE("expanded"));
		group->has_failed = !group->has_succeeded;
	} else if (take_status_field(line, "Status", &value)) {
		group->finding.status = slice_take_until(&value, ' ');
	} else if (take_status_field(line, "Remote-MTA", &value)) {
		value = slice_take_until(&value, ' ');
		if (slice_has_suffix(value, SLICE(".")))
			value.len--;
		group->finding.host = value;
	} else if (take_status_field(line, "Diagnostic-Code", &value)) {
		bounce->words.len = bounce->begin;
		text_put(&bounce->words, value);
		group->has_words = true;
	}
}

/* Groups are parted by blank lines; the fields of one may come in any order, and be folded (RFC 5322 section 2.2.3). */
static void
read_delivery_status(struct bounce *bounce, struct slice text)
{
	struct status_group group = {0};
	struct slice *folded = NULL;
	bool is_words = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n'), words = slice_trim(line), value;

		if (slice_is_empty(words)) {
			if (!bounce->is_doubled)
				finish_group(bounce, &group);
			is_words = false;
		} else if (line.at[0] == ' ' && is_words) {
			text_put_line(&bounce->words, words);
		} else if (line.at[0] == ' ' && folded != NULL && folded->len == 0) {
			*folded = words;
		} else {
			if (take_status_field(words, "Final-Recipient", &value) &&
			    group.finding.address.len != 0)
				finish_group(bounce, &group);
			read_status_field(bounce, &group, words, &folded);
			is_words = take_status_field(words, "Diagnostic-Code", &value);
		}
	}
	finish_group(bounce, &group);
}

/* --- plain bounces: a line with an address, then the words about it --- */

static void
open_block(struct bounce *bounce, struct slice address)
{
	finish_block(bounce);
	bounce->address = address;
	bounce->is_open = true;
}

/* What only leads to the words, or tells where an alias came from. */
static bool
is_passed_over(struct slice words)
{
	return slice_equal(words, SLICE("because:")) ||
	    slice_has_prefix(words, SLICE("(generated from ")) ||
	    slice_has_prefix(words, SLICE("(ultimately generated from ")) ||
	    slice_has_prefix(words, SLICE("generated by ")) ||
	    slice_has_prefix(words, SLICE("DSN generated by:")) ||
	    slice_has_prefix(words, SLICE("Content-"));
}

/* Where the bounce ends and what it returns begins. */
static bool
is_end(struct slice words)
{
	static const char *const beginnings[] = {"---", "Original message headers",
	    "Original Message Headers", "En-têtes de message", "Ursprüngliche Nachrichtenkopf",
	    "Encabezados de mensajes originales", "Intestazioni messaggio originale",
	    "The following text was generated", "Content-Type: message/rfc822",
	    "Content-type: message/rfc822", "Content-Type: text/rfc822-headers"};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (slice_has_prefix(words, slice_str(beginnings[i])))
			return true;
	return false;
}

/* Whether a reply has further lines: the last that is there is "550-...". */
static bool
reply_goes_on(struct slice words)
{
	for (ptrdiff_t at; (at = slice_find(words, SLICE("\\n"))) >= 0;)
		words = slice_skip(words, (size_t)at + 2);
	return is_reply_line(words) && words.at[3] == '-';
}

/* Of a session the first refusal counts; what comes after follows from it. */
static void
add_server_line(struct bounce *bounce, struct slice reply)
{
	if (!bounce->has_reply)
		bounce->words.len = bounce->begin;
	else if (!reply_goes_on(slice_skip(text_slice(&bounce->words), bounce->begin)))
		return;
	else
		text_put(&bounce->words, SLICE("\\n"));
	text_put(&bounce->words, reply);
	bounce->has_reply = true;
}

static void
add_words(struct bounce *bounce, struct slice words)
{
	struct slice reply;

	if (take_server_line(words, &reply))
		add_server_line(bounce, reply);
	else if (bounce->has_reply || is_passed_over(words))
		return;
	else if (bounce->words.len == bounce->begin)
		text_put(&bounce->words, words);
	else
		text_put_line(&bounce->words, words);
}

static void
read_blocks(struct bounce *bounce, struct slice text)
{
	struct slice address, rest, before = slice_of("", 0);

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n'), words = slice_trim(line);
		bool has_words = bounce->words.len != bounce->begin;

		if (slice_is_empty(words)) {
			/* A blank line may stand between the address and the words, not within these. */
			if (has_words && !bounce->is_doubled)
				finish_block(bounce);
			continue;
		}
		if (is_end(words) && (bounce->count != 0 || has_words))
			break;
		if (take_address_line(words, &address, &rest)) {
			if (!slice_has_suffix(before, SLICE("sent by"))) {
				open_block(bounce, address);
				if (!slice_is_empty(rest))
					add_words(bounce, rest);
			}
		} else if (take_leading_words(words, &rest)) {
			open_block(bounce,
			    bounce->address.len != 0 ? bounce->address :
						       address_in_words(bounce->text));
			if (!slice_is_empty(rest))
				add_words(bounce, rest);
		} else if (slice_has_prefix(words, SLICE("--"))) {
			finish_block(bounce);
		} else if (bounce->is_open) {
			add_words(bounce, words);
		}
		before = words;
	}
	finish_block(bounce);
}

/* Outlook makes a paragraph of each line. The headers in front may stand together. */
static bool
is_doubled(struct slice text)
{
	unsigned lines = 0, together = 0;
	bool was_blank = true;

	while (!slice_is_empty(text)) {
		bool is_blank = slice_is_empty(slice_trim(slice_take_until(&text, '\n')));

		lines += !is_blank;
		together += !is_blank && !was_blank;
		was_blank = is_blank;
	}
	return lines >= DOUBLED_MIN && together * 3 < lines;
}

/* --- what has no form --- */

/* A session alone: whom RCPT names, and what the server said then. */
static void
read_transcript(struct bounce *bounce, struct slice text)
{
	struct slice reply;

	bounce->address = address_in_words(text);
	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');
		ptrdiff_t rcpt = find_nocase(line, (struct needle){"rcpt to:<", 9});

		if (take_server_line(line, &reply)) {
			add_server_line(bounce, reply);
			continue;
		}
		finish_block(bounce);
		if (rcpt >= 0) {
			struct slice address = slice_skip(line, (size_t)rcpt + 9);
			bounce->address = slice_take_until(&address, '>');
		}
	}
	finish_block(bounce);
}

/* Sentences: they count when they quote a reply, or name an address. */
static void
read_sentences(struct bounce *bounce, struct slice text)
{
	struct slice host;

	bounce->address = address_in_words(text);
	while (!slice_is_empty(text))
		text_put_line(&bounce->words, slice_take_until(&text, '\n'));
	struct slice words = text_slice(&bounce->words);
	if (bounce->address.len == 0 && words_without_frame(words, &host).len == words.len)
		return;
	finish_block(bounce);
}

static bool
is_bounce(struct slice text)
{
	static const char *const phrases[] = {"could not be delivered", "could not\nbe delivered",
	    "couldn't be delivered", "wasn't delivered", "was not delivered",
	    "not yet been delivered", "Delivery has failed", "elivering your message",
	    "The following address", "qmail-send program", "wasn't able to deliver",
	    "nable to deliver", "This is the mail system at host", "did not reach",
	    "fatal delivery errors", "permanent fatal errors", "cannot be delivered",
	    "Diagnostic information", "emote Server returned '", "emote server returned '",
	    "(in reply to ", ">: host ", ">: connect to "};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (has(text, phrases[i]))
			return true;
	return false;
}

static bool
has_reply(const struct bounce *bounce)
{
	for (size_t i = 0; i < bounce->count; i++)
		if (bounce->findings[i].rank == RANK_REPLY)
			return true;
	return false;
}

static void
read_all(struct bounce *bounce, struct slice text)
{
	bool is_report = has(text, "Final-Recipient:") || has(text, "Diagnostic-Code:");
	bool may_be_log = has_log(text);

	if (is_report)
		read_delivery_status(bounce, text);
	if (is_report || is_bounce(text)) {
		read_blocks(bounce, text);
	} else if (!may_be_log) {
		/* A mail may hold a line with an address, and mean nothing by it. */
		read_blocks(bounce, text);
		if (!has_reply(bounce))
			bounce->count = 0;
	}
	if (bounce->count == 0 && !may_be_log)
		read_transcript(bounce, text);
	if (bounce->count == 0 && !may_be_log)
		read_sentences(bounce, text);
}

bool
read_bounce(struct pasting *pasting, struct slice text)
{
	struct bounce *bounce = calloc(1, sizeof(*bounce));
	/* Each byte is taken at most once by each of the four readers, and may have two put before it. */
	size_t room = text.len * 8 + 64;

	if (bounce == NULL || (bounce->words.at = malloc(room)) == NULL) {
		free(bounce);
		return false;
	}
	bounce->words.size = room;
	bounce->text = text;
	bounce->is_doubled = is_doubled(text);
	read_all(bounce, text);
	tell_all(bounce, pasting);
	free(bounce->words.at);
	free(bounce);
	return pasting->found != 0;
}
