/* Bars and heat maps, in blocks where the terminal has them, else in ASCII. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/render/bars.h"

#include <string.h>

static const char *const bar_blocks[2][BAR_PARTS] = {
    {"#", "+", "."},
    {"\u2588", "\u2592", "\u2591"},
};

static const char *const heat_cells[2][HEAT_LEVELS] = {
    {" .", " :", " +", " *", " #"},
    {" \u00b7", " \u2591", " \u2592", " \u2593", " \u2588"},
};

const char *
bar_draw(const struct screen *screen, const int64_t parts[BAR_PARTS], int64_t largest,
    char text[static BAR_SIZE])
{
	char *end = text;
	int drawn = 0;

	*text = '\0';
	for (int part = 0; part < BAR_PARTS && largest > 0; part++) {
		int columns = (int)((parts[part] * BAR_WIDTH + largest / 2) / largest);

		if (columns == 0 && parts[part] > 0)
			columns = 1;
		for (; columns > 0 && drawn < BAR_WIDTH; columns--, drawn++)
			end = stpcpy(end, bar_blocks[screen->is_utf8][part]);
	}
	return text;
}

void
bar_show_legend(struct screen *screen)
{
	const char *const *blocks = bar_blocks[screen->is_utf8];

	screen_print(screen, "%s hard  %s soft  %s delivered or waiting (recipients)\n", blocks[0],
	    blocks[1], blocks[2]);
}

int
heat_level(int64_t value, int64_t most)
{
	if (value <= 0 || most <= 0)
		return 0;
	return 1 + (int)((value * (HEAT_LEVELS - 1) - 1) / most);
}

const char *
heat_cell(const struct screen *screen, int level)
{
	return heat_cells[screen->is_utf8][level];
}
