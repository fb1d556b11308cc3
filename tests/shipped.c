/* The classes and rules of the source tree: what unit tests, fuzzers and benchmarks classify with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/shipped.h"

#include <stdio.h>
#include <stdlib.h>

const char shipped_classes[] = TOP_SRCDIR "/etc/classes.conf";
const char *const shipped_rules[] = {TOP_SRCDIR "/etc/rules.d", NULL};
const char *const shipped_cases[] = {TOP_SRCDIR "/tests/data/cases/article.cases",
    TOP_SRCDIR "/tests/data/cases/boxes.cases", NULL};

struct classifier *
shipped_classifier(void)
{
	struct ini_errors errors = {0};
	struct classifier *classifier = classifier_load(shipped_classes, shipped_rules, &errors);

	for (size_t i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.messages[i]);
	if (classifier == NULL || errors.count != 0)
		abort();
	return classifier;
}
