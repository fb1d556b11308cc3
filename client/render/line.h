/* Lines: one failure or message in two or three lines, for lists that are scanned. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_LINE_H
#define CLIENT_RENDER_LINE_H

#include "client/render/screen.h"

struct json_object;

/* When, how bad, what, whom, and the id that `why` takes; below it from whom and the cause. */
void line_show_failure(struct screen *screen, struct json_object *item);
/* When, verdict and id of a message; below them from whom, to how many, and the subject. */
void line_show_message(struct screen *screen, struct json_object *item);

#endif
