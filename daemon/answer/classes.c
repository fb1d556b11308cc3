/* classes: what the failures are told apart into, what each class means, and what to do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/classify/classify.h"

static void
write_texts(struct json_out *out, const struct class_texts *texts)
{
	json_out_key(out, "summary");
	json_out_text(out, texts->summary);
	json_out_key(out, "advice");
	json_out_array_begin(out);
	for (size_t i = 0; texts->advice != NULL && texts->advice[i] != NULL; i++)
		json_out_text(out, texts->advice[i]);
	json_out_array_end(out);
	json_out_key(out, "customer");
	json_out_text(out, texts->customer);
}

/* Null where nothing else is said than elsewhere. */
static void
write_other_texts(struct json_out *out, const char *key, const struct class_texts *texts)
{
	json_out_key(out, key);
	if (texts->summary == NULL && texts->advice == NULL && texts->customer == NULL &&
	    texts->who == NULL) {
		json_out_null(out);
		return;
	}
	json_out_object_begin(out);
	json_out_key(out, "who");
	json_out_text(out, texts->who);
	write_texts(out, texts);
	json_out_object_end(out);
}

static void
write_class(struct json_out *out, const struct class *class)
{
	json_out_object_begin(out);
	json_out_key(out, "class");
	json_out_text(out, class->name);
	json_out_key(out, "severity");
	json_out_text(out, severity_name(class->severity));
	json_out_key(out, "who");
	json_out_text(out, class->who);
	json_out_key(out, "meaning");
	json_out_text(out, class->meaning);
	write_texts(out, &class->texts);
	write_other_texts(out, "refused", &class->refused);
	write_other_texts(out, "local", &class->local);
	write_other_texts(out, "bare", &class->bare);
	write_other_texts(out, "many", &class->many);
	write_other_texts(out, "bounce", &class->bounce);
	json_out_object_end(out);
}

static struct answer *
start_classes(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct json_out out;

	(void)asker;
	(void)params;
	json_out_init(&out);
	json_out_object_begin(&out);
	json_out_key(&out, "items");
	json_out_array_begin(&out);
	for (size_t i = 0; i < classifier_class_count(sources->classifier); i++)
		write_class(&out, classifier_class(sources->classifier, i));
	json_out_array_end(&out);
	json_out_object_end(&out);
	struct answer *answer = answer_of_text(&out);
	return answer != NULL ? answer : answer_no_memory(error);
}

static const struct answer_param classes_params[] = {
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_classes = {
    .name = "classes",
    .summary = "The classes, their meaning and advice.",
    .params = classes_params,
    .start = start_classes,
};
