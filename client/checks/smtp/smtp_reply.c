/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/smtp/smtp_reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CODE_LEN = 3 };

static bool
has_code(const char *line, size_t len)
{
	for (size_t i = 0; i < CODE_LEN; i++)
		if (i == len || !isdigit((unsigned char)line[i]))
			return false;
	return len == CODE_LEN || line[CODE_LEN] == ' ' || line[CODE_LEN] == '-';
}

/* The next line, without its end, if there is one; what is behind the last newline is a line too. */
static bool
take_line(const char **at, const char *end, const char **line, size_t *len, bool *is_ended)
{
	if (*at == end)
		return false;
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));

	*line = *at;
	*len = (size_t)((newline != NULL ? newline : end) - *at);
	*is_ended = newline != NULL;
	*at = newline != NULL ? newline + 1 : end;
	if (*len != 0 && (*line)[*len - 1] == '\r')
		--*len;
	return true;
}

bool
smtp_reply_is_whole(const char *reply, size_t len)
{
	const char *end = reply + len, *line;
	bool is_ended;

	while (take_line(&reply, end, &line, &len, &is_ended))
		if (is_ended && (!has_code(line, len) || len == CODE_LEN || line[CODE_LEN] == ' '))
			return true;
	return false;
}

int
smtp_reply_code(const char *reply, size_t len)
{
	const char *end = reply + len, *line;
	bool is_ended;

	if (!take_line(&reply, end, &line, &len, &is_ended) || !has_code(line, len))
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
}

char *
smtp_reply_text(const char *reply, size_t len)
{
	const char *end = reply + len, *line;
	char *text = malloc(len + 1), *out = text;
	bool is_ended;

	if (text == NULL)
		return NULL;
	while (take_line(&reply, end, &line, &len, &is_ended)) {
		if (has_code(line, len)) {
			size_t skipped = len == CODE_LEN ? CODE_LEN : CODE_LEN + 1;

			line += skipped;
			len -= skipped;
		}
		if (out != text && len != 0)
			*out++ = ' ';
		/* A NUL would hide what follows it. */
		for (size_t i = 0; i < len; i++)
			*out++ = line[i] != '\0' ? line[i] : ' ';
	}
	while (out != text && out[-1] == ' ')
		out--;
	*out = '\0';
	return text;
}

bool
smtp_reply_has_keyword(const char *reply, size_t len, const char *keyword)
{
	const char *end = reply + len, *line;
	size_t keyword_len = strlen(keyword);
	bool is_ended;

	while (take_line(&reply, end, &line, &len, &is_ended))
		if (has_code(line, len) && len == CODE_LEN + 1 + keyword_len &&
		    strncasecmp(line + CODE_LEN + 1, keyword, keyword_len) == 0)
			return true;
	return false;
}
