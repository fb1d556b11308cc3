/* Story: all that is known of one message, made to be read on the telephone. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_STORY_H
#define CLIENT_RENDER_STORY_H

#include "client/render/screen.h"

struct json_object;

void story_show(struct screen *screen, struct json_object *story);

/* Green, yellow or red for a message's verdict or a recipient's outcome. */
enum tone verdict_tone(const char *verdict);

#endif
