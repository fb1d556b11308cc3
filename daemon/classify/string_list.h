/* String lists: copies of strings in an array that ends with NULL; no list at all is NULL. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_STRING_LIST_H
#define CLASSIFY_STRING_LIST_H

#include "daemon/text/slice.h"

typedef char **string_list;

/* Appends a copy. The list stays as it is when memory is out. */
void string_list_add(string_list *list, struct slice text);
/* Appends the parts of text between separators, without the blanks around them; empty parts are passed over. */
void string_list_add_split(string_list *list, struct slice text, struct slice separator);
size_t string_list_count(string_list list);
bool string_list_holds(string_list list, const char *text);
void string_list_free(string_list list);

#endif
