/* rpc.discover: the OpenRPC document that describes this interface, as it stands in protocol/openrpc.json. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/methods.h"
#include "daemon/answer/params.h"

static const char document[] =
#include "protocol/openrpc.inc"
    ;

static struct answer *
start_discover(const struct answer_sources *sources, const struct asker *asker,
    struct json_object *params, struct rpc_error *error)
{
	struct json_out out;

	(void)sources;
	(void)asker;
	(void)params;
	json_out_init(&out);
	json_out_raw(&out, document, sizeof(document) - 1);
	struct answer *answer = answer_of_text(&out);
	return answer != NULL ? answer : answer_no_memory(error);
}

static const struct answer_param discover_params[] = {
    {NULL, PARAM_STRING, false, NULL},
};

const struct answer_method answer_discover = {
    .name = "rpc.discover",
    .summary = "The OpenRPC document that describes this interface.",
    .params = discover_params,
    .start = start_discover,
};
