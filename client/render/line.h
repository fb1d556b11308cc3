/* Lines: one failure in two lines, for lists that are scanned. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_LINE_H
#define CLIENT_RENDER_LINE_H

#include "client/render/screen.h"

struct json_object;

/* When, how bad, what, whom, and the id that `why` takes; below it from whom and the cause. */
void line_show_failure(struct screen *screen, struct json_object *item);

#endif
