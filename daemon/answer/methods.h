/* The methods, one file each; answers.c lists them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_METHODS_H
#define ANSWER_METHODS_H

#include "daemon/answer/answer.h"

extern const struct answer_method answer_classes;
extern const struct answer_method answer_discover; /* not in answer_methods: it describes them */
extern const struct answer_method answer_dump;
extern const struct answer_method answer_explain;
extern const struct answer_method answer_find;
extern const struct answer_method answer_incidents;
extern const struct answer_method answer_queue;
extern const struct answer_method answer_recent;
extern const struct answer_method answer_stats;
extern const struct answer_method answer_status;
extern const struct answer_method answer_watch;
extern const struct answer_method answer_why;

#endif
