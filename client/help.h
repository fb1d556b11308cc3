/* Help: what --help says, made from the tables of commands and options. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include "client/render/screen.h"

struct command;

/* command NULL: of bouncectl as a whole. */
void help_show(struct screen *screen, const struct command *command);

#endif
