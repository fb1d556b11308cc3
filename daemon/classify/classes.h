/* Classes: read from classes.conf. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_CLASSES_H
#define CLASSIFY_CLASSES_H

#include "daemon/classify/classify.h"

enum { CLASSES_MAX = 200 /* the index keeps a class in a byte */ };

struct class_set {
	struct class classes[CLASSES_MAX];
	size_t count;
};

/* Reads the file; complains of what is wrong, lacking or double. */
void class_set_read(struct class_set *set, const char *path, struct ini_errors *errors);
/* Complains of a value that names none of those who may have to act. */
void class_check_who(const struct ini_entry *entry, struct ini_errors *errors);
/* Index of the class of that name, or -1. */
int class_set_find(const struct class_set *set, struct slice name);
void class_set_clear(struct class_set *set);

#endif
