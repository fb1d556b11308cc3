/* The classes and rules of the source tree: what unit tests, fuzzers and benchmarks classify with. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SHIPPED_H
#define TESTS_SHIPPED_H

#include "daemon/classify/classify.h"

/* The file of the classes, and the directories of the rules up to a NULL, as classifier_load takes them. */
extern const char shipped_classes[];
extern const char *const shipped_rules[];
/* The files of the support cases, up to a NULL. */
extern const char *const shipped_cases[];

/* A classifier with both; freed by the caller. Says what is wrong with them and aborts when there is none. */
struct classifier *shipped_classifier(void);

#endif
