/* explain: what a pasted log line, reply or bounce message means. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/answer/judgement.h"
#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"
#include "daemon/answer/walk.h"
#include "daemon/classify/pasted.h"

enum { INPUTS_MAX = 1000 };

struct explain {
	struct answer answer;
	const struct answer_sources *sources;
	struct json_object *inputs; /* an array of strings */
	size_t next, count;
	bool is_list, is_debug, has_begun;
};

/* One input: its first failure is the answer, further ones stand in "others". */
struct telling {
	const struct explain *explain;
	struct json_out *out;
	size_t told;
};

static void
emit_debug(void *context, const char *rule, const char *class_name, const char *why)
{
	struct json_out *out = context;

	json_out_object_begin(out);
	json_out_key(out, "rule");
	json_out_text(out, rule);
	json_out_key(out, "class");
	json_out_text(out, class_name);
	json_out_key(out, "why");
	json_out_text(out, why);
	json_out_object_end(out);
}

static void
write_one(const struct telling *telling, const struct sample *sample)
{
	struct classifier *classifier = telling->explain->sources->classifier;
	struct json_out *out = telling->out;
	struct classification found;
	struct facts facts = {0};

	classifier_classify(classifier, &sample->failure, &found);
	if (found.severity == SEVERITY_NONE && sample->failure.kind == FAILURE_REJECTED)
		found.severity = sample->is_temporary ? SEVERITY_SOFT : SEVERITY_HARD;
	else if (found.severity == SEVERITY_NONE)
		found.severity = judgement_severity(classifier, &sample->failure, &found);
	facts_extract(&sample->failure, &facts);
	facts_name(&facts, sample->address, sample->sender);
	if (facts.domain.len == 0)
		facts.domain = sample->failure.domain;
	facts.login = sample->login;
	if (sample->is_frozen)
		facts_frozen(&facts);
	char id[MESSAGE_ID_TEXT_SIZE];
	if (!message_id_is_none(sample->id))
		facts_identify(&facts, slice_of(id, message_id_format(sample->id, id)), false);
	if (sample->is_bounce)
		facts_bounce(&facts);
	judgement_write(out, classifier, &found, &sample->failure, &facts);
	json_out_key(out, "id");
	json_out_string(out, facts.id.len != 0 ? facts.id.at : NULL, facts.id.len);
	json_out_key(out, "address");
	json_out_string(out, sample->address.len != 0 ? sample->address.at : NULL,
	    sample->address.len);
	if (telling->explain->is_debug) {
		json_out_key(out, "debug");
		json_out_array_begin(out);
		classifier_debug(classifier, &sample->failure, emit_debug, out);
		json_out_array_end(out);
	}
}

static void
begin_others(struct json_out *out)
{
	json_out_key(out, "others");
	json_out_array_begin(out);
}

static void
tell(void *context, const struct sample *sample)
{
	struct telling *telling = context;

	if (telling->told == 0) {
		json_out_object_begin(telling->out);
		write_one(telling, sample);
		telling->told = 1;
		return;
	}
	if (telling->told++ == 1)
		begin_others(telling->out);
	json_out_object_begin(telling->out);
	write_one(telling, sample);
	json_out_object_end(telling->out);
}

static void
explain_input(const struct explain *explain, struct slice text, struct json_out *out)
{
	struct telling telling = {.explain = explain, .out = out};

	pasted_each(text, tell, &telling);
	if (telling.told == 0) {
		/* Nothing failed, or nothing was said: that is an answer too. */
		static struct sample nothing;

		sample_parse(text, &nothing);
		nothing.failure = (struct failure){.message = nothing.failure.message};
		tell(&telling, &nothing);
	}
	if (telling.told == 1)
		begin_others(out);
	json_out_array_end(out);
	json_out_object_end(out);
}

static enum answer_state
produce(struct answer *answer, struct json_out *out)
{
	struct explain *explain = (struct explain *)answer;
	int64_t start = clock_ms();

	if (!explain->has_begun && explain->is_list) {
		json_out_object_begin(out);
		json_out_key(out, "items");
		json_out_array_begin(out);
	}
	explain->has_begun = true;
	while (explain->next < explain->count) {
		struct json_object *input = json_object_array_get_idx(explain->inputs,
		    explain->next++);

		explain_input(explain,
		    slice_of(json_object_get_string(input),
			(size_t)json_object_get_string_len(input)),
		    out);
		if (explain->next < explain->count && clock_ms() - start >= SLICE_MS)
			return ANSWER_MORE;
	}
	if (explain->is_list) {
		json_out_array_end(out);
		json_out_object_end(out);
	}
	return ANSWER_DONE;
}

static void
free_explain(struct answer *answer)
{
	struct explain *explain = (struct explain *)answer;

	json_object_put(explain->inputs);
	free(explain);
}

static struct answer *
start_explain(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct json_object *text = NULL;
	struct explain *explain = calloc(1, sizeof(*explain));

	(void)asker;
	if (explain == NULL)
		return answer_no_memory(error);
	*explain = (struct explain){
	    .answer = {.produce = produce, .free = free_explain},
	    .sources = sources,
	    .is_debug = params_bool(params, "debug"),
	};
	json_object_object_get_ex(params, "text", &text);
	explain->is_list = json_object_is_type(text, json_type_array);
	if (explain->is_list) {
		explain->inputs = json_object_get(text);
	} else {
		explain->inputs = json_object_new_array();
		json_object_array_add(explain->inputs, json_object_get(text));
	}
	explain->count = json_object_array_length(explain->inputs);
	if (explain->count == 0 || explain->count > INPUTS_MAX) {
		rpc_error_set(error, RPC_INVALID_PARAMS, NULL,
		    "text is one text, or an array of 1 to %d", INPUTS_MAX);
		free_explain(&explain->answer);
		return NULL;
	}
	return &explain->answer;
}

static const struct answer_param explain_params[] = {
    {"text", PARAM_STRINGS, true,
	"a log line, a reply or a whole bounce message; or an array of them"},
    {"debug", PARAM_BOOL, false, "tell which rules matched and why one won"},
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_explain = {
    .name = "explain",
    .summary = "What a pasted log line, reply or bounce message means.",
    .params = explain_params,
    .start = start_explain,
};
