/* Bars and heat maps, in blocks where the terminal has them, else in ASCII. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_BARS_H
#define CLIENT_RENDER_BARS_H

#include <stdint.h>

#include "client/render/screen.h"

enum { BAR_PARTS = 3, BAR_WIDTH = 16, BAR_SIZE = 4 * BAR_WIDTH + 1 };

/*
 * Draws hard, soft and delivered one behind the other, the largest row taking BAR_WIDTH columns. Every part that is not zero
 * shows, if there is room.
 */
const char *bar_draw(const struct screen *screen, const int64_t parts[BAR_PARTS], int64_t largest,
    char text[static BAR_SIZE]);
/* What the parts look like. */
void bar_show_legend(struct screen *screen);

enum { HEAT_LEVELS = 5 }; /* 0: none */

/* How hot value is among 0 to most: 1 to 4 for what is not zero. */
int heat_level(int64_t value, int64_t most);
/* Two columns. */
const char *heat_cell(const struct screen *screen, int level);

#endif
