/* Fuzzes the tail: a random schedule of what happens to log files, against a model that knows each line ever written whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/tail/tail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	STEPS_MAX = 24,
	LINES_MAX = 512,
	NAMES_MAX = 4,
	PATIENCE_MS = 10000,
	LINE_ROOM = 4096,
};

enum step {
	STEP_WRITE, /* a few lines, each a write of its own */
	STEP_WRITE_LATE,
	STEP_BEGIN_LINE,
	STEP_RENAME,
	STEP_COPY_AND_TRUNCATE,
	STEP_DELETE,
	STEP_COMPRESS,
	STEP_REPLACE_BY_COPY,
	STEP_LOOK,
	STEP_SYNC,
	STEP_OVERLONG,
	STEP_COUNT,
};

struct world {
	char folder[64], log[96];
	int late; /* the log as it was before the last rename: Exim's processes hold it open. -1: none */
	bool is_inside_line, is_late_inside_line;
	unsigned written; /* lines that are whole, by number */
	uint32_t seen[LINES_MAX];
	uint32_t last_of_file[256];
	struct event_base *base;
	struct tail *tail;
	bool shows; /* BOUNCED_FUZZ_SHOW=1: says what happens */
};

__attribute__((format(printf, 2, 3))) static void
say(const struct world *world, const char *format, ...)
{
	va_list arguments;

	if (!world->shows)
		return;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

static void
take_line(struct world *world, struct position position, struct slice line, bool is_cut)
{
	char text[32] = "";
	unsigned number;

	memcpy(text, line.at, line.len < sizeof(text) - 1 ? line.len : sizeof(text) - 1);
	if (sscanf(text, "line %u", &number) != 1 || number >= world->written)
		abort();
	say(world, "  %u:%llu %.20s\n", position.file, (unsigned long long)position.offset, text);
	if (is_cut != (line.len >= LINE_ROOM) || world->seen[number]++ != 0)
		abort();
	/* In the order in which they were written, within a file. */
	uint32_t *last = &world->last_of_file[position.file % 256];
	if (number < *last)
		abort();
	*last = number;
}

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		take_line(context, lines[i].position, lines[i].text, lines[i].is_cut);
}

static void
complain(void *context, const char *message)
{
	say(context, "  says: %s\n", message);
}

static void
append(const struct world *world, const char *text, size_t len)
{
	int fd = open(world->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

/* The lines must differ early: a text is known again by how it begins. */
static size_t
format_line(struct world *world, char *text, size_t size)
{
	return (size_t)snprintf(text, size, "line %u of this run, %u\n", world->written,
	    world->written * 2654435761U);
}

static void
write_lines(struct world *world, unsigned count)
{
	char text[64];

	for (unsigned i = 0; i < count && world->written < LINES_MAX; i++) {
		size_t len = world->is_inside_line ? 1 : format_line(world, text, sizeof(text));

		/* The number counts once the newline is there. */
		if (!world->is_inside_line)
			world->written++;
		append(world, world->is_inside_line ? "\n" : text, len);
		world->is_inside_line = false;
	}
}

static void
begin_line(struct world *world)
{
	char text[64];

	if (world->is_inside_line || world->written >= LINES_MAX)
		return;
	size_t len = format_line(world, text, sizeof(text));
	world->written++;
	append(world, text, len - 1);
	world->is_inside_line = true;
}

static void
write_overlong(struct world *world)
{
	char text[3 * LINE_ROOM];

	if (world->is_inside_line || world->written >= LINES_MAX)
		return;
	size_t len = format_line(world, text, sizeof(text));
	/* Different at its end, too, as log lines are. */
	memset(text + len - 1, 'x', sizeof(text) - len);
	snprintf(text + sizeof(text) - 32, 32, "%030u", world->written);
	text[sizeof(text) - 2] = 'x';
	text[sizeof(text) - 1] = '\n';
	world->written++;
	append(world, text, sizeof(text));
}

static void
write_late(struct world *world)
{
	char text[64];

	if (world->late < 0 || world->written >= LINES_MAX)
		return;
	size_t len = world->is_late_inside_line ? 1 : format_line(world, text, sizeof(text));
	if (!world->is_late_inside_line)
		world->written++;
	else
		text[0] = '\n';
	world->is_late_inside_line = false;
	if (write(world->late, text, len) != (ssize_t)len)
		abort();
}

static bool
is_all_seen(const struct world *world)
{
	/* The line that has no newline yet is not to be seen. */
	unsigned missing = 0;

	for (unsigned i = 0; i < world->written; i++)
		missing += world->seen[i] == 0;
	return missing == (unsigned)world->is_inside_line + (unsigned)world->is_late_inside_line;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Lets the tail look until it has seen all there is. */
static void
sync_tail(struct world *world)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (!is_all_seen(world)) {
		if (now_ms() > end) {
			for (unsigned i = 0; i < world->written; i++)
				if (world->seen[i] == 0)
					fprintf(stderr, "line %u was never seen\n", i);
			abort();
		}
		event_base_loop(world->base, EVLOOP_ONCE);
	}
}

static void
name_of(const struct world *world, unsigned number, const char *suffix, char path[128])
{
	snprintf(path, 128, "%s.%u%s", world->log, number, suffix);
}

/* Makes room for a new .1, as logrotate does. */
static void
shift_names(struct world *world)
{
	char from[128], to[128];

	for (unsigned i = NAMES_MAX; i > 0; i--) {
		static const char *const suffixes[] = {"", ".gz"};

		for (size_t s = 0; s < 2; s++) {
			name_of(world, i, suffixes[s], from);
			name_of(world, i + 1, suffixes[s], to);
			if (access(from, F_OK) != 0)
				continue;
			if (i == NAMES_MAX) {
				/* What goes for good must have been read. */
				sync_tail(world);
				unlink(from);
			} else if (rename(from, to) != 0) {
				abort();
			}
		}
	}
}

static void
close_late(struct world *world)
{
	if (world->late < 0)
		return;
	if (world->is_late_inside_line)
		write_late(world);
	close(world->late);
	world->late = -1;
}

/* A file is known by its first whole line, which Exim writes at once. */
static bool
has_whole_line(const struct world *world)
{
	char text[64];
	int fd = open(world->log, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, text, sizeof(text));

	close(fd);
	return got > 0 && memchr(text, '\n', (size_t)got) != NULL;
}

static void
rotate(struct world *world)
{
	char path[128];

	if (access(world->log, F_OK) != 0)
		return;
	if (world->is_inside_line && !has_whole_line(world))
		write_lines(world, 1);
	close_late(world);
	shift_names(world);
	name_of(world, 1, "", path);
	world->late = open(world->log, O_WRONLY | O_APPEND | O_CLOEXEC);
	world->is_late_inside_line = world->is_inside_line;
	world->is_inside_line = false;
	if (world->late < 0 || rename(world->log, path) != 0)
		abort();
}

static void
copy(const char *from, const char *to)
{
	char buffer[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t got;

	if (in < 0 || out < 0)
		abort();
	while ((got = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, (size_t)got) != got)
			abort();
	close(in);
	close(out);
}

static void
copy_and_truncate(struct world *world)
{
	char path[128];

	/* Half a line would be torn apart: logrotate's copytruncate loses it, and so would we. */
	if (access(world->log, F_OK) != 0 || world->is_inside_line)
		return;
	/* A copy that is itself copied over has no name any more under which its rest could be found. */
	sync_tail(world);
	shift_names(world);
	name_of(world, 1, "", path);
	copy(world->log, path);
	if (truncate(world->log, 0) != 0)
		abort();
}

static void
compress_oldest(struct world *world)
{
	char path[128], packed[128], buffer[65536];
	ssize_t got;

	close_late(world);
	for (unsigned i = NAMES_MAX; i > 0; i--) {
		name_of(world, i, "", path);
		if (access(path, F_OK) != 0)
			continue;
		name_of(world, i, ".gz", packed);
		int in = open(path, O_RDONLY | O_CLOEXEC);
		gzFile out = gzopen(packed, "wb1");
		while ((got = read(in, buffer, sizeof(buffer))) > 0)
			if (gzwrite(out, buffer, (unsigned)got) != got)
				abort();
		close(in);
		gzclose(out);
		unlink(path);
		return;
	}
}

static void
take_step(struct world *world, enum step step, unsigned more)
{
	char path[128];

	say(world, "step %d (%u)\n", step, more);
	switch (step) {
	case STEP_WRITE:
		write_lines(world, 1 + more % 8);
		break;
	case STEP_WRITE_LATE:
		write_late(world);
		break;
	case STEP_BEGIN_LINE:
		begin_line(world);
		break;
	case STEP_OVERLONG:
		write_overlong(world);
		break;
	case STEP_RENAME:
		rotate(world);
		break;
	case STEP_COPY_AND_TRUNCATE:
		copy_and_truncate(world);
		break;
	case STEP_DELETE:
		if (world->is_inside_line)
			write_lines(world, 1);
		sync_tail(world);
		unlink(world->log);
		break;
	case STEP_COMPRESS:
		compress_oldest(world);
		break;
	case STEP_REPLACE_BY_COPY:
		if (access(world->log, F_OK) != 0)
			break;
		sync_tail(world);
		snprintf(path, sizeof(path), "%s/new", world->folder);
		copy(world->log, path);
		if (rename(path, world->log) != 0)
			abort();
		/* Seen before anything else befalls it: the old text might go on in a file of any name. */
		for (int i = 0; i < 4; i++)
			event_base_loop(world->base, EVLOOP_ONCE);
		break;
	case STEP_SYNC:
		sync_tail(world);
		break;
	default:
		for (unsigned i = 0; i <= more % 4; i++)
			event_base_loop(world->base, EVLOOP_NONBLOCK);
	}
}

static void
remove_folder(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;

	while ((entry = readdir(directory)) != NULL)
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(folder);
}

static void
open_world(struct world *world)
{
	const char *paths[] = {world->log};
	const struct tail_options options = {.paths = paths,
	    .path_count = 1,
	    .follow = true,
	    .siblings = true,
	    .line_max = LINE_ROOM,
	    .poll_ms = 3};
	const struct tail_receiver receiver = {.lines = take_lines,
	    .complain = complain,
	    .context = world};

	world->base = event_base_new();
	event_base_priority_init(world->base, 2);
	world->tail = tail_new(&options, world->base, &receiver);
	if (world->tail == NULL)
		abort();
}

static void
close_world(struct world *world)
{
	tail_free(world->tail);
	event_base_free(world->base);
}

/* A tail that begins now reads the same lines out of what there is: the index is a function of the files. */
static void
check_account(struct world *world)
{
	struct tail_counts counts;

	tail_count(world->tail, &counts);
	unsigned seen = 0;
	for (unsigned i = 0; i < world->written; i++)
		seen += world->seen[i];
	if (counts.lines != seen)
		abort();
}

/* Two bytes a step; the first byte says whether lines are there before the tail begins. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *top = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	struct world world = {.late = -1, .shows = getenv("BOUNCED_FUZZ_SHOW") != NULL};

	if (size == 0)
		return 0;
	snprintf(world.folder, sizeof(world.folder), "%s/bounced-fuzz-XXXXXX", top);
	if (mkdtemp(world.folder) == NULL)
		abort();
	snprintf(world.log, sizeof(world.log), "%s/log", world.folder);
	write_lines(&world, data[0] % 4);
	open_world(&world);
	for (size_t at = 1, steps = 0; at + 1 < size && steps < STEPS_MAX; at += 2, steps++)
		take_step(&world, (enum step)(data[at] % STEP_COUNT), data[at + 1]);
	sync_tail(&world);
	check_account(&world);
	if (world.late >= 0)
		close(world.late);
	close_world(&world);
	remove_folder(world.folder);
	return 0;
}
