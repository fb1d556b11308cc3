/* Compressed logs: zlib with access points (the method of zlib's examples/zran.c: a place in the stream and the 32 KiB before it). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/tail/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/tail/read_at.h"

enum {
	INPUT_BYTES = 64 * 1024,
	WINDOW_BYTES = 32 * 1024,
	POINTS_MAX = 128, /* with their windows compressed, about 1 MiB a file at most */
	FIRST_SPACING = 4 << 20,
	BLOCK_BYTES = 256 * 1024, /* kept of what was inflated last for gzip_read_at */
	WINDOW_BITS_GZIP = 15 + 16,
	WINDOW_BITS_RAW = -15,
};

struct point {
	uint64_t out, in;
	int bits;
	unsigned char *window; /* deflated: text shrinks to a quarter */
	uLong window_len;
};

/* One way through the file. */
struct inflater {
	z_stream stream;
	uint64_t in, out; /* offsets of the next bytes */
	bool is_open, is_raw, is_done;
	int error; /* why it is done before the end */
	unsigned char *input;
};

struct gzip {
	int fd;
	struct inflater forward;
	unsigned char *history; /* of `forward`: a ring over what it gave; NULL when it is done */
	struct point points[POINTS_MAX];
	size_t point_count;
	uint64_t spacing;
	uint64_t input_total; /* when `forward` is done */
	struct inflater back; /* where gzip_read_at is */
	char *block;          /* what `back` gave last, from block_at on */
	uint64_t block_at;
	size_t block_len;
};

bool
gzip_is(int fd)
{
	unsigned char magic[3];

	return read_at(fd, magic, sizeof(magic), 0) == sizeof(magic) && magic[0] == 0x1f &&
	    magic[1] == 0x8b && magic[2] == 8;
}

static void
inflater_close(struct inflater *inflater)
{
	if (inflater->is_open)
		inflateEnd(&inflater->stream);
	inflater->stream = (z_stream){0};
	inflater->is_open = false;
	free(inflater->input);
	inflater->input = NULL;
}

static bool
set_window(struct inflater *inflater, const struct point *point)
{
	unsigned char window[WINDOW_BYTES];
	uLongf len = sizeof(window);

	return uncompress(window, &len, point->window, point->window_len) == Z_OK &&
	    inflateSetDictionary(&inflater->stream, window, (uInt)len) == Z_OK;
}

static bool
inflater_open(struct inflater *inflater, const struct point *point, int fd)
{
	inflater_close(inflater);
	inflater->is_raw = point != NULL;
	inflater->is_done = false;
	inflater->error = 0;
	inflater->input = malloc(INPUT_BYTES);
	if (inflater->input == NULL)
		return false;
	if (inflateInit2(&inflater->stream, point != NULL ? WINDOW_BITS_RAW : WINDOW_BITS_GZIP) !=
	    Z_OK)
		return false;
	inflater->is_open = true;
	inflater->in = point != NULL ? point->in : 0;
	inflater->out = point != NULL ? point->out : 0;
	if (point == NULL)
		return true;
	if (point->bits != 0) {
		unsigned char byte;

		if (read_at(fd, &byte, 1, point->in - 1) != 1)
			return false;
		inflatePrime(&inflater->stream, point->bits, byte >> (8 - point->bits));
	}
	return set_window(inflater, point);
}

struct gzip *
gzip_new(int fd)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (gzip == NULL)
		return NULL;
	gzip->fd = fd;
	gzip->spacing = FIRST_SPACING;
	gzip->history = calloc(1, WINDOW_BYTES);
	if (gzip->history == NULL || !inflater_open(&gzip->forward, NULL, fd)) {
		gzip_free(gzip);
		return NULL;
	}
	return gzip;
}

void
gzip_free(struct gzip *gzip)
{
	if (gzip == NULL)
		return;
	inflater_close(&gzip->forward);
	inflater_close(&gzip->back);
	for (size_t i = 0; i < gzip->point_count; i++)
		free(gzip->points[i].window);
	free(gzip->history);
	free(gzip->block);
	free(gzip);
}

void
gzip_rest(struct gzip *gzip)
{
	inflater_close(&gzip->back);
	free(gzip->block);
	gzip->block = NULL;
	gzip->block_len = 0;
}

bool
gzip_is_whole(const struct gzip *gzip)
{
	return gzip->forward.is_done && gzip->forward.error == 0;
}

uint64_t
gzip_offset(const struct gzip *gzip)
{
	return gzip->forward.out;
}

uint64_t
gzip_input_offset(const struct gzip *gzip)
{
	return gzip->forward.is_done ? gzip->input_total :
				       gzip->forward.in - gzip->forward.stream.avail_in;
}

/* The next member begins where one has ended; anything else there is garbage that some copies append. */
static bool
begin_next_member(struct inflater *inflater, int fd)
{
	uint64_t at = inflater->in - inflater->stream.avail_in;
	unsigned char magic[2];

	/* A raw stream stops before the checksum and the length of its member. */
	if (inflater->is_raw)
		at += 8;
	if (read_at(fd, magic, sizeof(magic), at) != sizeof(magic) || magic[0] != 0x1f ||
	    magic[1] != 0x8b)
		return false;
	uint64_t out = inflater->out;
	if (!inflater_open(inflater, NULL, fd)) {
		inflater->error = ENOMEM;
		return false;
	}
	inflater->in = at;
	inflater->out = out;
	return true;
}

/* Inflates until something has come out, or a block has ended (flush Z_BLOCK), or nothing more is there. */
static ssize_t
inflate_some(struct inflater *inflater, int fd, char *buffer, size_t size, int flush)
{
	z_stream *stream = &inflater->stream;

	if (inflater->is_done || !inflater->is_open)
		return -inflater->error;
	stream->next_out = (unsigned char *)buffer;
	stream->avail_out = (unsigned)size;
	for (;;) {
		if (stream->avail_in == 0) {
			ssize_t got = read_at(fd, inflater->input, INPUT_BYTES, inflater->in);

			if (got < 0)
				return got;
			inflater->in += (uint64_t)got;
			stream->next_in = inflater->input;
			stream->avail_in = (unsigned)got;
		}
		if (stream->avail_in == 0)
			return 0;
		int result = inflate(stream, flush);
		ssize_t given = (ssize_t)(size - stream->avail_out);
		if (result == Z_STREAM_END) {
			inflater->out += (uint64_t)given;
			if (!begin_next_member(inflater, fd))
				inflater->is_done = true;
			if (given != 0 || inflater->is_done)
				return given != 0 ? given : -inflater->error;
			stream->next_out = (unsigned char *)buffer;
			stream->avail_out = (unsigned)size;
			continue;
		}
		if (result != Z_OK && result != Z_BUF_ERROR) {
			/* What came out before the damage is text all the same. */
			inflater->out += (uint64_t)given;
			inflater->is_done = true;
			inflater->error = result == Z_MEM_ERROR ? ENOMEM : EBADMSG;
			return given != 0 ? given : -inflater->error;
		}
		bool is_block_end = flush == Z_BLOCK && (stream->data_type & 128) != 0;
		if (given != 0 || is_block_end) {
			inflater->out += (uint64_t)given;
			return given != 0 ? given : -EAGAIN;
		}
	}
}

/* Keeps the last 32 KiB that `forward` gave, for the next access point. */
static void
remember(struct gzip *gzip, const char *text, size_t len)
{
	size_t at = (size_t)((gzip->forward.out - len) % WINDOW_BYTES);

	if (len > WINDOW_BYTES) {
		at = (at + len - WINDOW_BYTES) % WINDOW_BYTES;
		text += len - WINDOW_BYTES;
		len = WINDOW_BYTES;
	}
	size_t first = WINDOW_BYTES - at < len ? WINDOW_BYTES - at : len;
	memcpy(gzip->history + at, text, first);
	memcpy(gzip->history, text + first, len - first);
}

/* When the list is full every second point goes, and the spacing doubles. */
static void
thin_points(struct gzip *gzip)
{
	size_t kept = 0;

	for (size_t i = 0; i < gzip->point_count; i++) {
		if (i % 2 == 0)
			free(gzip->points[i].window);
		else
			gzip->points[kept++] = gzip->points[i];
	}
	gzip->point_count = kept;
	gzip->spacing *= 2;
}

static void
add_point(struct gzip *gzip)
{
	unsigned char window[WINDOW_BYTES], deflated[WINDOW_BYTES + WINDOW_BYTES / 100 + 64];
	const z_stream *stream = &gzip->forward.stream;
	uint64_t last = gzip->point_count != 0 ? gzip->points[gzip->point_count - 1].out : 0;

	/* Between two blocks, and not before the last one, whose end a raw stream could not pass. */
	if ((stream->data_type & 128) == 0 || (stream->data_type & 64) != 0 ||
	    gzip->forward.is_done || gzip->forward.out < last + gzip->spacing)
		return;
	if (gzip->point_count == POINTS_MAX)
		thin_points(gzip);
	struct point *point = &gzip->points[gzip->point_count];
	size_t at = (size_t)(gzip->forward.out % WINDOW_BYTES);
	memcpy(window, gzip->history + at, WINDOW_BYTES - at);
	memcpy(window + WINDOW_BYTES - at, gzip->history, at);
	uLongf len = sizeof(deflated);
	if (compress2(deflated, &len, window, sizeof(window), Z_BEST_SPEED) != Z_OK)
		return;
	point->window = malloc(len);
	if (point->window == NULL)
		return;
	memcpy(point->window, deflated, len);
	point->window_len = len;
	point->out = gzip->forward.out;
	point->in = gzip->forward.in - stream->avail_in;
	point->bits = stream->data_type & 7;
	gzip->point_count++;
}

ssize_t
gzip_read(struct gzip *gzip, char *buffer, size_t size)
{
	for (;;) {
		uint64_t last = gzip->point_count != 0 ? gzip->points[gzip->point_count - 1].out :
							 0;
		/* Stopping at every block costs time: only where a point is due. */
		int flush = gzip->forward.out >= last + gzip->spacing ? Z_BLOCK : Z_NO_FLUSH;
		ssize_t got = inflate_some(&gzip->forward, gzip->fd, buffer, size, flush);

		if (got > 0)
			remember(gzip, buffer, (size_t)got);
		if (flush == Z_BLOCK && (got > 0 || got == -EAGAIN))
			add_point(gzip);
		if (gzip->forward.is_done && gzip->history != NULL) {
			gzip->input_total = gzip->forward.in - gzip->forward.stream.avail_in;
			inflater_close(&gzip->forward);
			free(gzip->history);
			gzip->history = NULL;
		}
		if (got != -EAGAIN)
			return got;
	}
}

/* Puts `back` at the nearest place before offset: where it is, or an access point, or the beginning. */
static bool
seek_back(struct gzip *gzip, uint64_t offset)
{
	const struct point *nearest = NULL;

	for (size_t i = 0; i < gzip->point_count; i++)
		if (gzip->points[i].out <= offset)
			nearest = &gzip->points[i];
	uint64_t from = nearest != NULL ? nearest->out : 0;
	if (gzip->back.is_open && !gzip->back.is_done && gzip->back.out <= offset &&
	    gzip->back.out >= from)
		return true;
	gzip->block_len = 0;
	return inflater_open(&gzip->back, nearest, gzip->fd);
}

ssize_t
gzip_read_at(struct gzip *gzip, uint64_t offset, char *buffer, size_t size)
{
	if (gzip->block == NULL && (gzip->block = malloc(BLOCK_BYTES)) == NULL)
		return -ENOMEM;
	if (offset < gzip->block_at || offset >= gzip->block_at + gzip->block_len) {
		if (!seek_back(gzip, offset))
			return -EBADMSG;
		do {
			gzip->block_at = gzip->back.out;
			gzip->block_len = 0;
			while (gzip->block_len < BLOCK_BYTES) {
				ssize_t got = inflate_some(&gzip->back, gzip->fd,
				    gzip->block + gzip->block_len, BLOCK_BYTES - gzip->block_len,
				    Z_NO_FLUSH);

				if (got <= 0)
					break;
				gzip->block_len += (size_t)got;
			}
			if (gzip->block_len == 0)
				return -gzip->back.error;
		} while (offset >= gzip->block_at + gzip->block_len);
	}
	size_t at = (size_t)(offset - gzip->block_at);
	size_t len = gzip->block_len - at < size ? gzip->block_len - at : size;
	memcpy(buffer, gzip->block + at, len);
	return (ssize_t)len;
}
