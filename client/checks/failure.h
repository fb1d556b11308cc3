/* Failure: the checks that tell more about a story, by the classes of what failed in it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_FAILURE_H
#define CLIENT_CHECKS_FAILURE_H

struct checks_options;
struct failure_checks;
struct json_object;

/* NULL after *error is set to what is wrong with the options, in one line that need not be freed. */
struct failure_checks *failure_checks_new(const struct checks_options *options, const char **error);
void failure_checks_free(struct failure_checks *known);

/*
 * The findings about what failed in a story, an array as check has it, which the caller puts: empty where nothing did, or
 * where there is nothing to look at. Each thing is looked at once, however many stories it concerns. NULL when memory is out.
 */
struct json_object *failure_checks_make(struct failure_checks *known, struct json_object *story);

#endif
