/* Tables: columns that line up, drawn by libsmartcols. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/table.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>

struct table {
	struct screen *screen;
	struct libscols_table *scols;
	struct libscols_line *line;
	size_t next_column;
};

struct table *
table_new(struct screen *screen)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->screen = screen;
	table->scols = scols_new_table();
	if (table->scols == NULL) {
		free(table);
		return NULL;
	}
	scols_table_set_stream(table->scols, screen->out);
	scols_table_set_column_separator(table->scols, "  ");
	/* A pipe gets the same 80 columns each time. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table->scols, (size_t)screen->width);
	/* The text is clean already; escaping it once more would show the escapes' own backslashes. */
	scols_table_enable_noencoding(table->scols, 1);
	return table;
}

void
table_column(struct table *table, const char *title, enum column_kind kind)
{
	static const int flags[] = {
	    [COLUMN_TEXT] = SCOLS_FL_WRAP,
	    [COLUMN_NUMBER] = SCOLS_FL_RIGHT,
	    [COLUMN_FIXED] = 0,
	};

	if (table != NULL)
		scols_table_new_column(table->scols, title, kind == COLUMN_TEXT ? 0.3 : 0,
		    flags[kind]);
}

void
table_row(struct table *table)
{
	if (table == NULL)
		return;
	table->line = scols_table_new_line(table->scols, NULL);
	table->next_column = 0;
}

void
table_text(struct table *table, const char *text)
{
	char *clean;

	if (table == NULL || table->line == NULL)
		return;
	clean = screen_clean(table->screen, text);
	if (scols_line_refer_data(table->line, table->next_column++, clean) != 0)
		free(clean);
}

void
table_number(struct table *table, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIi64, number);
	table_text(table, number != 0 ? text : "");
}

void
table_show(struct table *table)
{
	if (table == NULL)
		return;
	scols_print_table(table->scols);
	scols_unref_table(table->scols);
	free(table);
}
