/* Reports: the fields of message/delivery-status (RFC 3464). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/bounce.h"

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
			bounce_add(bounce, *finding);
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
		group->finding.kind = slice_equal_nocase(value, SLICE("delayed")) ?
		    FAILURE_DEFERRED :
		    slice_equal_nocase(value, SLICE("failed")) ? FAILURE_BOUNCED :
								 FAILURE_TEXT;
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
void
bounce_read_report(struct bounce *bounce, struct slice text)
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
