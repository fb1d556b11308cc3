/* Reload: SIGHUP reads configuration, classes and rules anew; what was loaded before stays in force where the new is wrong. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/reload.h"

#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon/answer/walk.h"
#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/journal/log.h"
#include "daemon/server/server.h"
#include "daemon/state.h"

enum {
	RELOAD_MS = 1000
}; /* for peers to get the rest of their answers, before the classes change */

/* New classes and rules judge every failure that is kept anew. What answers were being made from the old ones has ended or is dropped. */
void
reload_go_on(struct daemon *daemon)
{
	if (daemon->next_classifier == NULL)
		return;
	if (daemon->server != NULL && server_is_answering(daemon->server)) {
		if (clock_ms() < daemon->reload_until_ms)
			return;
		server_drop_answering(daemon->server);
	}
	index_set_classifier(daemon->index, daemon->next_classifier);
	classifier_free(daemon->classifier);
	daemon->classifier = daemon->sources.classifier = daemon->next_classifier;
	daemon->next_classifier = NULL;
	ini_errors_clear(&daemon->reload_errors);
	log_say(LOG_INFO, "reloaded");
	sd_notify(0, "READY=1");
}

struct classifier *
reload_read_classifier(const struct daemon *daemon, const struct configuration *config,
    struct ini_errors *errors)
{
	struct classifier *classifier = settings_load_classifier(&daemon->options->settings, config,
	    errors);

	if (classifier != NULL)
		classifier_forget_text(classifier);
	return classifier;
}

/* Options that shape what exists already: they take effect at the next start. */
static bool
needs_restart(const struct configuration *old, const struct configuration *new)
{
	bool is_same = strcmp(old->socket_path, new->socket_path) == 0 &&
	    old->clients_max == new->clients_max && old->users_own == new->users_own &&
	    old->socket_mode == new->socket_mode &&
	    old->journal_failures == new->journal_failures && old->memory_max == new->memory_max &&
	    old->logs.count == new->logs.count;

	for (size_t i = 0; is_same && i < old->logs.count; i++)
		is_same = strcmp(old->logs.paths[i], new->logs.paths[i]) == 0;
	return !is_same;
}

void
reload_on_signal(evutil_socket_t fd, short what, void *context)
{
	struct daemon *daemon = context;
	struct ini_errors errors = {0};
	struct classifier *classifier = NULL;
	struct timespec now;
	struct configuration config;

	(void)fd;
	(void)what;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	if (settings_read(&daemon->options->settings, &config, &errors)) {
		classifier = reload_read_classifier(daemon, &config, &errors);
		if (classifier == NULL)
			configuration_clear(&config);
	}
	if (classifier == NULL) {
		settings_say_errors(&errors);
		log_say(LOG_ERR, "what was loaded before stays in force");
		ini_errors_clear(&daemon->reload_errors);
		daemon->reload_errors = errors;
		sd_notify(0, "READY=1");
		return;
	}
	ini_errors_clear(&errors);
	if (needs_restart(&daemon->config, &config))
		log_say(LOG_WARNING,
		    "logs, memory, socket, access and journal settings change at a restart: systemctl restart bounced");
	daemon->config.window_seconds = daemon->sources.window_seconds = config.window_seconds;
	configuration_clear(&config);
	classifier_free(daemon->next_classifier);
	daemon->next_classifier = classifier;
	daemon->reload_until_ms = clock_ms() + RELOAD_MS;
	reload_go_on(daemon);
}
