/* What the command line, the configuration, the classes and the rules say: read at the start, at each reload and for --check-config. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/settings.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/classify/classify.h"
#include "daemon/journal/log.h"

enum {
	CLASSES_MAX = 255,
};

void
settings_say_errors(const struct ini_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		log_say(LOG_ERR, "%s", errors->messages[i]);
}

bool
settings_read(const struct settings *settings, struct configuration *config,
    struct ini_errors *errors)
{
	struct ini_errors own = {0};
	struct ini_errors *all = errors != NULL ? errors : &own;
	bool is_overridden;

	if (!configuration_init(config)) {
		ini_complain(all, settings->config_path, 0, "memory is out");
	} else if (settings->config_is_required || access(settings->config_path, F_OK) == 0) {
		configuration_read(config, settings->config_path, all);
	}
	is_overridden = settings->override(settings->context, config);
	configuration_complete(config);
	bool is_good = is_overridden && all->count == 0;
	if (errors == NULL) {
		settings_say_errors(&own);
		ini_errors_clear(&own);
	}
	if (!is_good)
		configuration_clear(config);
	return is_good;
}

struct classifier *
settings_load_classifier(const struct settings *settings, const struct configuration *config,
    struct ini_errors *errors)
{
	char *classes = NULL, *rules = NULL;
	struct classifier *classifier = NULL;

	if (asprintf(&classes, "%s/classes.conf", settings->data_dir) >= 0 &&
	    asprintf(&rules, "%s/rules.d", settings->data_dir) >= 0) {
		const char *dirs[] = {rules,
		    access(config->rules_dir, F_OK) == 0 ? config->rules_dir : NULL, NULL};

		classifier = classifier_load(config->classes != NULL ? config->classes : classes,
		    dirs, errors);
	}
	free(classes);
	free(rules);
	/* The index keeps a class in a byte. */
	if (classifier != NULL && classifier_class_count(classifier) > CLASSES_MAX) {
		ini_complain(errors, config->classes, 0, "more than %d classes", CLASSES_MAX);
		classifier_free(classifier);
		return NULL;
	}
	return classifier;
}

int
settings_check(const struct settings *settings)
{
	struct ini_errors errors = {0};
	struct configuration config;

	if (!settings_read(settings, &config, NULL))
		return SETTINGS_ARE_WRONG;
	/* Only who makes a socket needs the group; here one is told before that. */
	if (config.socket_group_is_set && getgrnam(config.socket_group) == NULL)
		ini_complain(&errors, settings->config_path, 0,
		    "[socket] group = %s: there is no such group; create it, or name another",
		    config.socket_group);
	struct classifier *classifier = settings_load_classifier(settings, &config, &errors);
	if (classifier != NULL)
		classifier_run_samples(classifier, &errors);
	settings_say_errors(&errors);
	bool is_good = classifier != NULL && errors.count == 0;
	ini_errors_clear(&errors);
	classifier_free(classifier);
	configuration_clear(&config);
	return is_good ? EXIT_SUCCESS : SETTINGS_ARE_WRONG;
}
