/* Origins: command lines that wait for the message they hand over. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/origins.h"

#include <string.h>

enum { WAITS_S = 60 }; /* a program that takes longer to write its message is not joined to it */

/* Deliveries (-Mc), the daemon (-bd) and queue runs (-q) take in no message; nor does what runs in the spool. */
static bool
takes_message_in(const struct command *command)
{
	return slice_is_empty(command->message_id) &&
	    !slice_has_prefix(command->directory, SLICE("/var/spool/")) &&
	    slice_find(command->arguments, SLICE(" -bd")) < 0 &&
	    slice_find(command->arguments, SLICE(" -q")) < 0 &&
	    slice_find(command->arguments, SLICE(" -bt")) < 0 &&
	    slice_find(command->arguments, SLICE(" -bp")) < 0 &&
	    slice_find(command->arguments, SLICE(" -M")) < 0;
}

void
origins_note(struct origins *origins, const struct command *command, int64_t second)
{
	if (!takes_message_in(command) || command->directory.len > ORIGINS_FOLDER_MAX ||
	    slice_is_empty(command->directory))
		return;
	origins->waiting[origins->next].second = second;
	origins->waiting[origins->next].len = (uint16_t)command->directory.len;
	memcpy(origins->waiting[origins->next].folder, command->directory.at,
	    command->directory.len);
	origins->next = (origins->next + 1) % ORIGINS_WAITING;
}

/* "/home/USER", "/home2/USER/public_html": whose home a folder lies in; empty for others. */
static struct slice
home_of(struct slice folder)
{
	if (!slice_take_prefix(&folder, SLICE("/home")))
		return slice_of("", 0);
	while (folder.len != 0 && folder.at[0] >= '0' && folder.at[0] <= '9')
		folder = slice_skip(folder, 1);
	if (!slice_take_prefix(&folder, SLICE("/")))
		return slice_of("", 0);
	return slice_take_until(&folder, '/');
}

struct slice
origins_take(struct origins *origins, struct slice user, int64_t second)
{
	int found = -1, others = 0;
	bool is_his = false;

	for (unsigned i = 0; i < ORIGINS_WAITING; i++) {
		/* From the newest to the oldest. */
		unsigned at = (origins->next + 2 * ORIGINS_WAITING - 1 - i) % ORIGINS_WAITING;
		struct slice folder = slice_of(origins->waiting[at].folder,
		    origins->waiting[at].len);

		if (origins->waiting[at].second == 0 ||
		    second - origins->waiting[at].second > WAITS_S ||
		    second < origins->waiting[at].second)
			continue;
		struct slice home = home_of(folder);
		if (!slice_is_empty(home) && slice_equal(home, user)) {
			found = (int)at;
			is_his = true;
			break;
		}
		if (slice_is_empty(home)) {
			found = (int)at;
			others++;
		}
	}
	if (found < 0 || (!is_his && others != 1))
		return slice_of("", 0);
	origins->waiting[found].second = 0;
	return slice_of(origins->waiting[found].folder, origins->waiting[found].len);
}
