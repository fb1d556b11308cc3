/* Compressed logs: inflated in order, and entered in the middle at access points. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAIL_GZIP_H
#define TAIL_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gzip;

/* True when the file begins as gzip files do (RFC 1952 section 2.3.1). */
bool gzip_is(int fd);

/* Borrows fd, which stays the caller's. NULL when memory is out. */
struct gzip *gzip_new(int fd);
void gzip_free(struct gzip *gzip);

/*
 * Inflates the next bytes in order. 0 at the end of what is there; -EBADMSG when the file is damaged from here on. Trailing bytes
 * that are no further member are passed over.
 */
ssize_t gzip_read(struct gzip *gzip, char *buffer, size_t size);
/* Where gzip_read is in the text. */
uint64_t gzip_offset(const struct gzip *gzip);
/* gzip_read has come to the end, and it is the end of the last member: nothing was cut off. */
bool gzip_is_whole(const struct gzip *gzip);
/* Bytes of the compressed file taken so far. */
uint64_t gzip_input_offset(const struct gzip *gzip);

/* Inflates from any offset of the text that gzip_read has passed, beginning at the nearest access point before it. Bytes read, 0 at the end, or -errno. */
ssize_t gzip_read_at(struct gzip *gzip, uint64_t offset, char *buffer, size_t size);
/* Gives back what gzip_read_at keeps between two calls. */
void gzip_rest(struct gzip *gzip);

#endif
