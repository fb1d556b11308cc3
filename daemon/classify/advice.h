/* Templates of advice: checked when they are read. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_ADVICE_H
#define CLASSIFY_ADVICE_H

#include <stdbool.h>

#include "daemon/text/slice.h"

/* False, and the name, when the template has a placeholder that does not exist. */
bool template_check(const char *template, struct slice *unknown);

#endif
