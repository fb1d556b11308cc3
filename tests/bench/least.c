/* least: the least that an index of a log does: lines, times, ids, a table of messages; least FILE. How long that takes on a machine says what to expect of more. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	BLOCK = 256 * 1024,
	TIME_LEN = 20, /* "2026-11-20 17:31:10 " */
	SHORT_ID = 16, /* of Exim before 4.97 */
	LONG_ID = 23,
	TABLE_LEAST = 1 << 16,
};

struct message {
	uint64_t id[2]; /* the id's text in two words, the second one mixed */
	uint32_t first, last, lines;
	uint32_t arrivals, delivered, failed, deferred, completed;
};

static struct message *table;
static uint64_t table_size, message_count, line_count;

static void
fail(const char *what)
{
	fprintf(stderr, "least: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
mix(uint64_t word)
{
	word = (word ^ word >> 32) * 0xd6e8feb86659fd93;
	word = (word ^ word >> 32) * 0xd6e8feb86659fd93;
	return word ^ word >> 32;
}

static struct message *
find(const uint64_t id[2])
{
	uint64_t at = mix(id[0] ^ mix(id[1])) & (table_size - 1);

	while (table[at].lines != 0 && (table[at].id[0] != id[0] || table[at].id[1] != id[1]))
		at = (at + 1) & (table_size - 1);
	return &table[at];
}

static void
grow(void)
{
	struct message *old = table;
	uint64_t old_size = table_size;

	table_size = old_size != 0 ? old_size * 2 : TABLE_LEAST;
	table = calloc(table_size, sizeof(*table));
	if (table == NULL)
		fail("the table");
	for (uint64_t i = 0; i < old_size; i++)
		if (old[i].lines != 0)
			*find(old[i].id) = old[i];
	free(old);
}

static int
two_digits(const char *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* Only the first line of a day asks the calendar. */
static uint32_t
read_time(const char *line)
{
	static char day[10];
	static time_t midnight;

	if (memcmp(day, line, sizeof(day)) != 0) {
		struct tm broken = {
		    .tm_year = two_digits(line) * 100 + two_digits(line + 2) - 1900,
		    .tm_mon = two_digits(line + 5) - 1,
		    .tm_mday = two_digits(line + 8),
		};

		midnight = timegm(&broken);
		memcpy(day, line, sizeof(day));
	}
	return (uint32_t)(midnight + two_digits(line + 11) * 3600 + two_digits(line + 14) * 60 +
	    two_digits(line + 17));
}

static void
count_flag(struct message *message, const char *flag)
{
	if (flag[0] == '<')
		message->arrivals++;
	else if (flag[0] == '*' && flag[1] == '*')
		message->failed++;
	else if (flag[0] == '=' && flag[1] == '=')
		message->deferred++;
	else if (flag[1] == '>')
		message->delivered++;
	else if (flag[0] == 'C')
		message->completed++;
}

static void
take_line(const char *line, size_t len)
{
	const char *id = line + TIME_LEN, *end = line + len;

	line_count++;
	if (len < TIME_LEN + SHORT_ID + 3 || line[4] != '-')
		return;
	const char *blank = memchr(id, ' ', (size_t)(end - id));
	size_t id_len = blank != NULL ? (size_t)(blank - id) : 0;
	if ((id_len != SHORT_ID && id_len != LONG_ID) || id[6] != '-' || end - blank < 3)
		return;
	uint64_t words[3] = {0};
	memcpy(words, id, id_len);
	struct message *message = find((uint64_t[2]){words[0], mix(words[1]) ^ words[2]});
	uint32_t second = read_time(line);
	if (message->lines == 0) {
		message->id[0] = words[0];
		message->id[1] = mix(words[1]) ^ words[2];
		message->first = second;
		message_count++;
	}
	message->last = second;
	message->lines++;
	count_flag(message, blank + 1);
	if (message_count * 4 > table_size * 3)
		grow();
}

int
main(int argc, char *argv[])
{
	static char buffer[2 * BLOCK];
	size_t kept = 0;
	ssize_t got;

	if (argc != 2) {
		fputs("usage: least FILE\n", stderr);
		return 2;
	}
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(argv[1]);
	grow();
	while ((got = read(fd, buffer + kept, BLOCK)) > 0) {
		char *at = buffer, *end = buffer + kept + got, *newline;

		while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
			take_line(at, (size_t)(newline - at));
			at = newline + 1;
		}
		kept = (size_t)(end - at);
		if (kept > BLOCK) {
			errno = EFBIG;
			fail("a line");
		}
		memmove(buffer, at, kept);
	}
	if (got < 0)
		fail(argv[1]);
	printf("lines %" PRIu64 "\nmessages %" PRIu64 "\n", line_count, message_count);
	free(table);
	close(fd);
	return 0;
}
