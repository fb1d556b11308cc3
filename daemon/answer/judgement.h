/* Judgements: the class of a failure with all that is said about it, as members of a JSON object. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_JUDGEMENT_H
#define ANSWER_JUDGEMENT_H

#include "daemon/classify/classify.h"
#include "protocol/json_out.h"

/* Writes class, severity, who, reply, summary, advice, customer, rule and facts. found->severity is decided already. */
void judgement_write(struct json_out *out, const struct classifier *classifier,
    const struct classification *found, const struct failure *failure, const struct facts *facts);

/* The severity of a text that no rule gives one: by the kind of line, else the reply code's first digit, else the class's own. */
enum severity judgement_severity(const struct classifier *classifier, const struct failure *failure,
    const struct classification *found);

/* Writes the member "reply": {"code","enhanced","phase","text"}; null for no text. */
void judgement_write_reply(struct json_out *out, struct slice message);

/* Writes the members "code" and "enhanced" of a reply. */
void judgement_write_codes(struct json_out *out, const struct reply *reply);

#endif
