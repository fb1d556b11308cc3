/* Items: the one-line forms of failures and messages that lists are made of. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_ITEMS_H
#define ANSWER_ITEMS_H

#include "daemon/answer/answer.h"
#include "daemon/answer/elsewhere.h"
#include "daemon/index/index.h"

/* {"at","id","sender","address","outcome","severity","class","code","enhanced","host","ip","summary","attempts"}; found is elsewhere_judge's. */
void item_write_failure(struct json_out *out, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, const struct recipient *recipient,
    const struct classification *found);

/* {"arrived","id","sender","subject","verdict","recipients","size","from_ip"} */
struct read_lines;
void item_write_message(struct json_out *out, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, struct read_lines *lines);

/* {"id","arrived","age_s","sender","frozen","recipients":[{"address","class","reply","attempts","next_try"}]} */
void item_write_queued(struct json_out *out, const struct answer_sources *sources,
    const struct asker *asker, struct message_view view, int64_t now, struct elsewhere *elsewhere);

/* The subject, size and client of a message, as far as its arrival line can be read back. The slices lie in lines. */
struct arrival;
bool item_read_arrival(const struct answer_sources *sources, struct message_view view,
    struct read_lines *lines, struct arrival *arrival);

#endif
