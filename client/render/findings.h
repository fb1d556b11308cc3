/* Findings: what check found, the worst first to be seen: status, name, finding, evidence, what to do. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RENDER_FINDINGS_H
#define CLIENT_RENDER_FINDINGS_H

#include "client/render/screen.h"

struct json_object;

/* result: {"target","items"}. */
void findings_show(struct screen *screen, struct json_object *result);

#endif
