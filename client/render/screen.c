/* Screen: where answers are written; knows width, colour and character set, and starts the pager. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/render/text.h"

enum {
	PIPE_BUFFER = 64 * 1024,
	WIDTH_PIPED = 80,
	WIDTH_LEAST = 40,
	WIDTH_PROSE = 110, /* longer lines are hard to read */
	WORDS_LEAST = 20,  /* columns of text, however deep it is indented */
};

static bool
is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

static int
find_width(const struct screen *screen)
{
	const char *columns = getenv("COLUMNS");
	int width = columns != NULL ? atoi(columns) : 0;
	struct winsize size;

	if (width <= 0 && screen->is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0)
		width = WIDTH_PIPED;
	return width < WIDTH_LEAST ? WIDTH_LEAST : width;
}

void
screen_init(struct screen *screen, enum color_choice color)
{
	static char buffer
	    [PIPE_BUFFER]; /* glibc heeds the size of its own buffer only when it is given the buffer */
	const char *term = getenv("TERM");

	*screen = (struct screen){.out = stdout, .is_terminal = isatty(STDOUT_FILENO) == 1};
	if (!screen->is_terminal)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	screen->width = find_width(screen);
	screen->is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	screen->has_color = color == COLOR_ALWAYS ||
	    (color == COLOR_AUTO && screen->is_terminal && !is_set("NO_COLOR") && term != NULL &&
		strcmp(term, "dumb") != 0);
}

static const char *
pager_command(void)
{
	const char *command = getenv("BOUNCED_PAGER");

	if (command == NULL)
		command = getenv("PAGER");
	if (command == NULL)
		return "less -FRX";
	return strcmp(command, "cat") == 0 ? "" : command;
}

static void
run_pager(const char *command, const int pipe_ends[2])
{
	signal(SIGPIPE, SIG_DFL);
	dup2(pipe_ends[0], STDIN_FILENO);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	setenv("LESS", "FRX", 0);
	setenv("LESSCHARSET", "utf-8", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* A pager that is not installed must not swallow the answer. */
static bool
is_runnable(const char *command)
{
	char check[256];

	int len = snprintf(check, sizeof(check), "command -v %.*s >/dev/null 2>&1",
	    (int)strcspn(command, " "), command);
	return len < (int)sizeof(check) && system(check) == 0;
}

void
screen_start_pager(struct screen *screen)
{
	const char *command = pager_command();
	int pipe_ends[2];

	if (!screen->is_terminal || command[0] == '\0' || !is_runnable(command) ||
	    pipe(pipe_ends) != 0)
		return;
	fflush(screen->out);
	screen->pager = fork();
	if (screen->pager == 0)
		run_pager(command, pipe_ends);
	if (screen->pager > 0) {
		/* Ctrl-C is the pager's business while it runs. */
		signal(SIGINT, SIG_IGN);
		dup2(pipe_ends[1], STDOUT_FILENO);
	} else {
		screen->pager = 0;
	}
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static bool
has_reader_left(void)
{
	struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

bool
screen_end(struct screen *screen)
{
	bool was_written = fflush(screen->out) == 0 && !ferror(screen->out);
	int error = errno;
	/* A reader that has seen enough (head, less) is no failure. */
	bool is_good = was_written || has_reader_left();

	if (screen->pager != 0) {
		close(STDOUT_FILENO);
		while (waitpid(screen->pager, NULL, 0) < 0 && errno == EINTR)
			continue;
		screen->pager = 0;
	}
	if (!is_good)
		fprintf(stderr, "bouncectl: cannot write the answer: %s\n", strerror(error));
	return is_good;
}

char *
screen_clean(const struct screen *screen, const char *text)
{
	char *clean = text_clean(text != NULL ? text : "", text != NULL ? strlen(text) : 0,
	    screen->is_utf8);

	if (clean == NULL) {
		fputs("bouncectl: memory is out; ask for less, with -n or --since\n", stderr);
		exit(EXIT_UNREACHABLE);
	}
	return clean;
}

void
screen_print(struct screen *screen, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vfprintf(screen->out, format, values);
	va_end(values);
}

void
screen_tone(struct screen *screen, enum tone tone)
{
	static const char *const codes[] = {
	    [TONE_PLAIN] = "\033[0m",
	    [TONE_STRONG] = "\033[1m",
	    [TONE_FAINT] = "\033[2m",
	    [TONE_GOOD] = "\033[1;32m",
	    [TONE_WARN] = "\033[1;33m",
	    [TONE_BAD] = "\033[1;31m",
	};

	if (screen->has_color)
		fputs(codes[tone], screen->out);
}

int
screen_show(struct screen *screen, enum tone tone, const char *text)
{
	char *clean = screen_clean(screen, text);
	size_t width = text_width(clean);

	if (tone != TONE_PLAIN)
		screen_tone(screen, tone);
	fputs(clean, screen->out);
	if (tone != TONE_PLAIN)
		screen_tone(screen, TONE_PLAIN);
	free(clean);
	return (int)width;
}

void
screen_pad(struct screen *screen, int columns)
{
	if (columns > 0)
		fprintf(screen->out, "%*s", columns, "");
}

/* The pen stands at column at; further lines begin at hang. */
static void
put_wrapped(struct screen *screen, int at, int hang, const char *line)
{
	int width = screen->width < WIDTH_PROSE ? screen->width : WIDTH_PROSE;
	const char *next;

	for (;;) {
		int room = width > at + WORDS_LEAST ? width - at : WORDS_LEAST;
		size_t len = text_break(line, (size_t)room, &next);

		fwrite(line, 1, len, screen->out);
		fputc('\n', screen->out);
		if (*next == '\0')
			return;
		screen_pad(screen, hang);
		at = hang;
		line = next;
	}
}

void
screen_hanging(struct screen *screen, int indent, int hang, const char *text)
{
	char *clean = screen_clean(screen, text);

	screen_pad(screen, indent);
	put_wrapped(screen, indent, hang, clean);
	free(clean);
}

void
screen_text(struct screen *screen, int at, int hang, const char *text)
{
	if (text[0] != '\n' && text[0] != '\0')
		screen_pad(screen, at < hang ? hang - at : at > 0);
	for (;;) {
		const char *end = strchrnul(text, '\n');
		char *line = strndup(text, (size_t)(end - text));
		char *clean = screen_clean(screen, line);

		put_wrapped(screen, hang, hang, clean);
		free(clean);
		free(line);
		if (*end == '\0' || end[1] == '\0')
			return;
		screen_pad(screen, hang);
		text = end + 1;
	}
}

void
screen_paragraph(struct screen *screen, int indent, const char *label, int hang, const char *text)
{
	if (label[0] == '\0') {
		screen_text(screen, 0, hang, text);
		return;
	}
	screen_pad(screen, indent);
	screen_tone(screen, TONE_FAINT);
	fputs(label, screen->out);
	screen_tone(screen, TONE_PLAIN);
	screen_text(screen, indent + (int)text_width(label), hang, text);
}
