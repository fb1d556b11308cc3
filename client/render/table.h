/* Tables: columns that line up, drawn by libsmartcols. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_TABLE_H
#define CLIENT_RENDER_TABLE_H

#include <stdint.h>

#include "client/render/screen.h"

struct table;

enum column_kind {
	COLUMN_TEXT,   /* goes on in the next line when it is too long */
	COLUMN_NUMBER, /* at the right */
	COLUMN_FIXED,  /* never broken: bars */
};

/* NULL when memory is out; everything else does nothing then. */
struct table *table_new(struct screen *screen);
void table_column(struct table *table, const char *title, enum column_kind kind);
void table_row(struct table *table);
/* The row's next cell; text of strangers is cleaned. */
void table_text(struct table *table, const char *text);
void table_number(struct table *table, int64_t number); /* 0 is left blank */
/* Draws it and frees it. */
void table_show(struct table *table);

#endif
