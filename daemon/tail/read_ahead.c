/* Read ahead: what is read aside touches nothing but this, and is looked at when it is done. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/read_ahead.h"

#include <stdlib.h>
#include <string.h>

static void
read_aside(void *argument)
{
	struct read_ahead *ahead = argument;

	ahead->got = block_read(ahead->block, READ_BYTES, ahead->fd, ahead->offset, ahead->last,
	    ahead->last_len);
}

void
read_ahead_begin(struct read_ahead *ahead, const struct tail_receiver *receiver, int fd,
    uint64_t offset, const char *last, size_t last_len, size_t room)
{
	if (receiver->begin_aside == NULL || ahead->receiver != NULL)
		return;
	if (ahead->block == NULL && (ahead->block = block_new(room)) == NULL)
		return;
	ahead->fd = fd;
	ahead->offset = offset;
	memcpy(ahead->last, last, last_len);
	ahead->last_len = last_len;
	if (receiver->begin_aside(receiver->context, read_aside, ahead))
		ahead->receiver = receiver;
}

/* False where nothing was read. */
static bool
wait_for(struct read_ahead *ahead)
{
	const struct tail_receiver *receiver = ahead->receiver;

	ahead->receiver = NULL;
	return receiver != NULL && receiver->end_aside(receiver->context);
}

bool
read_ahead_take(struct read_ahead *ahead, uint64_t offset, struct block **block, ssize_t *got)
{
	if (!wait_for(ahead) || ahead->offset != offset)
		return false;
	struct block *read = ahead->block;

	ahead->block = ahead->behind;
	ahead->behind = *block;
	*block = read;
	*got = ahead->got;
	return true;
}

void
read_ahead_end(struct read_ahead *ahead)
{
	wait_for(ahead);
	free(ahead->block);
	free(ahead->behind);
	ahead->block = ahead->behind = NULL;
}
