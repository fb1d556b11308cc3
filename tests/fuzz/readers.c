/* Fuzzes the files that an administrator writes: bounced.conf, classes.conf and rules; what is wrong is said with its line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/classify/classify.h"
#include "daemon/configuration.h"
#include "tests/shipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/bounced-fuzz-XXXXXX";
static char rules_path[64];

static void
clean_up(void)
{
	unlink(rules_path);
	rmdir(folder);
}

static void
set_up(void)
{
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(rules_path, sizeof(rules_path), "%s/fuzzed.rules", folder);
	atexit(clean_up);
}

static void
write_file(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* Each complaint says where: in the file, or that the folder holds nothing. */
static void
check_errors(struct ini_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		if (strncmp(errors->messages[i], folder, strlen(folder)) != 0 &&
		    strncmp(errors->messages[i], "rules:", 6) != 0)
			abort();
	ini_errors_clear(errors);
}

static void
read_configuration(const uint8_t *data, size_t size)
{
	struct ini_errors errors = {0};
	struct configuration config;

	write_file(rules_path, data, size);
	if (!configuration_init(&config))
		abort();
	configuration_read(&config, rules_path, &errors);
	configuration_complete(&config);
	if (config.logs.count == 0 || config.request_bytes < 1024 || config.clients_max == 0 ||
	    config.window_seconds < 0 || config.socket_path[0] == '\0')
		abort();
	configuration_clear(&config);
	check_errors(&errors);
}

static void
read_rules(const uint8_t *data, size_t size)
{
	const char *dirs[] = {folder, NULL};
	struct ini_errors errors = {0};
	const struct failure failure = {.kind = FAILURE_BOUNCED,
	    .message = SLICE(
		"SMTP error from remote mail server after RCPT TO:<a@example.net>: host mx.example.net [192.0.2.1]: "
		"550 5.1.1 no such user here, mailbox is full, blocked by policy")};
	struct classification found;

	write_file(rules_path, data, size);
	struct classifier *classifier = classifier_load(shipped_classes, dirs, &errors);
	if (classifier == NULL) {
		if (errors.count == 0)
			abort();
		check_errors(&errors);
		return;
	}
	if (errors.count != 0)
		abort();
	classifier_run_samples(classifier, &errors);
	ini_errors_clear(&errors);
	classifier_classify(classifier, &failure, &found);
	if (found.class_index >= classifier_class_count(classifier))
		abort();
	classifier_free(classifier);
}

static void
read_classes(const uint8_t *data, size_t size)
{
	const char *dirs[] = {NULL};
	struct ini_errors errors = {0};

	write_file(rules_path, data, size);
	struct classifier *classifier = classifier_load(rules_path, dirs, &errors);
	if (classifier == NULL && errors.count == 0)
		abort();
	classifier_free(classifier);
	check_errors(&errors);
}

/* The first byte says which kind of file the rest is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (rules_path[0] == '\0')
		set_up();
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'c':
		read_configuration(data + 1, size - 1);
		break;
	case 'k':
		read_classes(data + 1, size - 1);
		break;
	default:
		read_rules(data + 1, size - 1);
	}
	return 0;
}
