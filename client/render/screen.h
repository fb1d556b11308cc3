/* Screen: where answers are written; knows width, colour and character set, and starts the pager. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_SCREEN_H
#define CLIENT_RENDER_SCREEN_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "client/arguments.h"

struct screen {
	FILE *out;
	int width;
	bool is_terminal, has_color, is_utf8;
	pid_t pager; /* 0: none */
};

enum tone {
	TONE_PLAIN,
	TONE_STRONG,
	TONE_FAINT,
	TONE_GOOD,
	TONE_WARN,
	TONE_BAD,
};

/* Standard output: 80 columns and plain where it is not a terminal, unless COLUMNS and --color say otherwise. */
void screen_init(struct screen *screen, enum color_choice color);

/* Passes all further output through $BOUNCED_PAGER, $PAGER or less, where the output is a terminal. */
void screen_start_pager(struct screen *screen);

/* Writes out what is left and waits for the pager. False, after a line on standard error, when it could not be written. */
bool screen_end(struct screen *screen);

/* The text as it may be shown, which the caller frees; NULL gives "". Ends the program when memory is out. */
char *screen_clean(const struct screen *screen, const char *text);

/* Text that is ours. */
void screen_print(struct screen *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Text of strangers, in a tone, cleaned. Returns the columns it took. */
int screen_show(struct screen *screen, enum tone tone, const char *text);
void screen_tone(struct screen *screen, enum tone tone);
void screen_pad(struct screen *screen, int columns);

/* Text behind what has taken the first columns of the line: from hang on, cleaned and wrapped; its own line ends are kept. */
void screen_text(struct screen *screen, int at, int hang, const char *text);
/*
 * A paragraph: indent, the label, and from the column hang on the text, cleaned and wrapped; its own line ends are kept. With
 * an empty label the text begins at hang.
 */
void screen_paragraph(struct screen *screen, int indent, const char *label, int hang,
    const char *text);
/* A line of a log: from indent on, its further lines from hang on. */
void screen_hanging(struct screen *screen, int indent, int hang, const char *text);

#endif
