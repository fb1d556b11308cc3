/* rules_try: what the shipped rules make of texts; --score FILE measures them on labelled ones, --debug says why. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/classify/classify.h"
#include "daemon/classify/sample.h"
#include "tests/shipped.h"

static struct sample sample;

static const char *
class_of(struct classifier *classifier, const char *text, struct classification *found)
{
	sample_parse(slice_str(text), &sample);
	classifier_classify_uncached(classifier, &sample.failure, found);
	return classifier_class(classifier, found->class_index)->name;
}

static bool
is_among(const char *list, const char *name)
{
	struct slice rest = slice_str(list);

	while (!slice_is_empty(rest))
		if (slice_equal(slice_take_until(&rest, '|'), slice_str(name)))
			return true;
	return false;
}

/* Rows of class, also acceptable (a|b), enhanced code, text. quiet: the confusions only, no texts. */
static int
score(struct classifier *classifier, const char *path, bool is_quiet)
{
	unsigned rows = 0, right = 0, wrong = 0, unclassified = 0;
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	while (getline(&line, &size, file) > 0) {
		char *rest = line;
		const char *class = strsep(&rest, "\t"), *also = strsep(&rest, "\t");
		struct classification found;

		strsep(&rest, "\t");
		if (rest == NULL || strcmp(class, "class") == 0)
			continue;
		rest[strcspn(rest, "\n")] = '\0';
		rows++;
		const char *got = class_of(classifier, rest, &found);
		const char *rule = classifier_rule_name(classifier, found.rule_index);
		if (strcmp(got, class) == 0 || is_among(also, got)) {
			right++;
			continue;
		}
		if (strcmp(got, CLASS_UNCLASSIFIED_NAME) == 0)
			unclassified++;
		else
			wrong++;
		printf("%s -> %s", class, got);
		if (!is_quiet)
			printf(" by %s\n    %s", rule != NULL ? rule : "-", rest);
		putchar('\n');
	}
	free(line);
	fclose(file);
	if (rows != 0)
		printf("%u rows: %.1f %% right, %.1f %% wrong, %.1f %% unclassified\n", rows,
		    100.0 * right / rows, 100.0 * wrong / rows, 100.0 * unclassified / rows);
	return 0;
}

static void
print_rule(void *context, const char *rule, const char *class_name, const char *why)
{
	(void)context;
	printf("    %-40s %-24s %s\n", rule, class_name, why);
}

int
main(int argc, char **argv)
{
	struct ini_errors errors = {0};
	const char *to_score = NULL;
	bool is_debug = false, is_quiet = false;
	int first = 1, status = 0;

	for (; first < argc && argv[first][0] == '-' && argv[first][1] == '-'; first++) {
		if (strcmp(argv[first], "--debug") == 0)
			is_debug = true;
		else if (strcmp(argv[first], "--quiet") == 0)
			is_quiet = true;
		else if (strcmp(argv[first], "--score") == 0 && first + 1 < argc)
			to_score = argv[++first];
	}
	struct classifier *classifier = classifier_load(shipped_classes, shipped_rules, &errors);
	if (classifier != NULL && to_score != NULL)
		status = score(classifier, to_score, is_quiet);
	else if (classifier != NULL && first == argc)
		classifier_run_samples(classifier, &errors);
	for (; classifier != NULL && first < argc; first++) {
		struct classification found;
		const char *class = class_of(classifier, argv[first], &found);
		const char *rule = classifier_rule_name(classifier, found.rule_index);

		printf("%-24s %-32s %s\n", class, rule != NULL ? rule : "-", argv[first]);
		if (is_debug)
			classifier_debug(classifier, &sample.failure, print_rule, NULL);
	}
	for (size_t i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.messages[i]);
	status = status != 0 || errors.count != 0;
	ini_errors_clear(&errors);
	classifier_free(classifier);
	return status;
}
