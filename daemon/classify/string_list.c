/* String lists: arrays of copies. They are short, so they are counted whenever they grow. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/string_list.h"

#include <stdlib.h>

size_t
string_list_count(string_list list)
{
	size_t count = 0;

	while (list != NULL && list[count] != NULL)
		count++;
	return count;
}

void
string_list_add(string_list *list, struct slice text)
{
	size_t count = string_list_count(*list);
	string_list longer = reallocarray(*list, count + 2, sizeof(*longer));

	if (longer == NULL)
		return;
	longer[count] = strndup(text.at, text.len);
	longer[count + 1] = NULL;
	*list = longer;
}

void
string_list_add_split(string_list *list, struct slice text, struct slice separator)
{
	for (;;) {
		ptrdiff_t at = slice_find(text, separator);
		struct slice part = slice_trim(slice_first(text, at < 0 ? text.len : (size_t)at));

		if (!slice_is_empty(part))
			string_list_add(list, part);
		if (at < 0)
			return;
		text = slice_skip(text, (size_t)at + separator.len);
	}
}

bool
string_list_holds(string_list list, const char *text)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

void
string_list_free(string_list list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}
