/* SMTP reply: the lines that a mail server says, as they come (RFC 5321 4.2.1). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SMTP_REPLY_H
#define CLIENT_CHECKS_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

/* Whether its last line is there: one without a hyphen behind the code, or one that has no code. */
bool smtp_reply_is_whole(const char *reply, size_t len);
/* The code of the first line; 0: it has none. */
int smtp_reply_code(const char *reply, size_t len);
/* The lines without their codes, a blank between; the caller frees it. NULL when memory is out. */
char *smtp_reply_text(const char *reply, size_t len);
/* Whether one of the lines is the keyword alone, as the reply to EHLO has it. */
bool smtp_reply_has_keyword(const char *reply, size_t len, const char *keyword);

#endif
