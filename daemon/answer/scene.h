/* Scenes: one failure and what is around it, while sentences about it are found. For context.c and here.c only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_SCENE_H
#define ANSWER_SCENE_H

#include "daemon/answer/context.h"
#include "daemon/answer/history.h"
#include "daemon/answer/story.h"

/* What is looked at. */
struct scene {
	struct context *context;
	const struct answer_sources *sources;
	struct message_view view;
	const struct recipient *recipient;
	struct classification *found;
	struct route route;
	enum phase phase;
	bool is_local; /* no other server was asked */
	struct slice address, domain, sender;
	struct domain_history history;
};

/* Adds a sentence, as long as there is room for one. */
void scene_say(const struct scene *scene, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *scene_class_name(const struct scene *scene);
/* Whether the failure's class is one of those, the last of which is NULL. */
bool scene_is_class(const struct scene *scene, const char *const *names);

/* Whose filter it is that discarded, and which of its rules can have done it. */
void scene_say_filter(const struct scene *scene);
/* Which address was meant; whether the domain should be this server's at all, by which the class may change. */
void scene_say_unknown_user(const struct scene *scene);
void scene_say_whose_quota(const struct scene *scene);
void scene_say_score(const struct scene *scene);

#endif
