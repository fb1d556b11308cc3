/* Origins: who or what handed a message to this server, as counts and incidents name it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_ORIGIN_H
#define ANSWER_ORIGIN_H

#include "daemon/index/index.h"

/* References of a name, and of a string; 0: not known. */
uint32_t origin_login_name(struct message_view view);
uint32_t origin_script_string(struct message_view view);

/* What is not known is empty. The slices lie in the segment or in the room. */
struct slice origin_login(struct message_view view,
    struct room *room); /* of the SMTP login, refused ones too */
/* The account, as cPanel names it, else the local user or the login. */
struct slice origin_account(struct message_view view, struct room *room);
struct slice origin_script(struct message_view view); /* the folder of the script */

#endif
