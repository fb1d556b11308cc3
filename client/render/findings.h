/* Findings: what checks found: status, name, finding, evidence, what to do. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_FINDINGS_H
#define CLIENT_RENDER_FINDINGS_H

#include "client/render/screen.h"

struct json_object;

/* What check answers: {"target","items"}. */
void findings_show(struct screen *screen, struct json_object *result);
/* What was looked at because of a story, below it: an array of findings. */
void findings_show_below_story(struct screen *screen, struct json_object *findings);

#endif
