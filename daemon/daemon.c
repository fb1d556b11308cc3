/* The daemon: logs to lines to index, and the server that answers from it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "daemon/answer/walk.h"
#include "daemon/classify/classify.h"
#include "daemon/index/index.h"
#include "daemon/journal/failures.h"
#include "daemon/journal/log.h"
#include "daemon/reload.h"
#include "daemon/server/server.h"
#include "daemon/server/stdio.h"
#include "daemon/state.h"
#include "daemon/tail/tail.h"
#include "daemon/text/moment.h"

enum {
	EXIT_NO_LOG = 3,
	PRIORITIES = 3,        /* signals; peers; back-fill, long answers, and what is made ahead */
	AHEAD_PAUSE_US = 2000, /* as long as a step takes: half of a processor, for a few seconds */
	EXPIRE_TICKS = 60,     /* of the tail, which looks once a second */
	END_MS = 1000,         /* for peers to get the rest of their answers */
};

static void
take_lines(void *context, const struct tail_line *lines, size_t count)
{
	struct daemon *daemon = context;

	index_lines(daemon->index, lines, count);
	if (!daemon->is_backfilled)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct tail_line *line = &lines[i];

		latency_note(&daemon->latency, tail_file_path(daemon->tail, line->position.file));
		if (log_is_debug())
			log_say(LOG_DEBUG, "line %u:%llu %.*s", line->position.file,
			    (unsigned long long)line->position.offset,
			    (int)(line->text.len < 512 ? line->text.len : 512), line->text.at);
	}
}

/*
 * The next step of what first questions would have to make, and a pause: nobody waits for it. Who asks a copied log has one question, as a rule:
 * there it is a step a second.
 */
static void
go_on_ahead(struct daemon *daemon)
{
	const struct timeval pause = {.tv_usec = AHEAD_PAUSE_US};

	if (daemon->ahead == NULL)
		daemon->ahead = answer_ahead_new(&daemon->sources);
	if (daemon->ahead != NULL && answer_ahead_go_on(daemon->ahead) &&
	    !daemon->options->is_stdio)
		event_add(daemon->ahead_timer, &pause);
}

static void
on_ahead(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	go_on_ahead(context);
}

static void
take_caught_up(void *context)
{
	struct daemon *daemon = context;
	struct tail_counts counts;

	daemon->is_backfilled = true;
	if (daemon->failures != NULL)
		journal_failures_begin(daemon->failures);
	if (daemon->options->is_stdio)
		return;
	tail_count(daemon->tail, &counts);
	log_say(LOG_INFO, "read %llu lines of %zu files; following",
	    (unsigned long long)counts.lines, tail_file_count(daemon->tail));
	sd_notifyf(0, "STATUS=Following; %llu lines read", (unsigned long long)counts.lines);
}

static void
take_complaint(void *context, const char *message)
{
	(void)context;
	log_say(LOG_WARNING, "%s", message);
}

static bool
find_line_time(void *context, struct slice line, int64_t *second)
{
	const struct daemon *daemon = context;

	return index_line_time(daemon->index, line, second);
}

static void
settle(void *context)
{
	const struct daemon *daemon = context;

	index_settle(daemon->index);
}

static bool
begin_aside(void *context, void (*work)(void *), void *argument)
{
	const struct daemon *daemon = context;

	return index_begin_aside(daemon->index, work, argument);
}

static bool
end_aside(void *context)
{
	const struct daemon *daemon = context;

	return index_end_aside(daemon->index);
}

static int64_t
window_start(const struct daemon *daemon)
{
	return daemon->config.window_seconds != 0 ? time(NULL) - daemon->config.window_seconds : 0;
}

static void
expire(struct daemon *daemon)
{
	const struct segment *newest = index_segment(daemon->index, index_end(daemon->index) - 1);
	int64_t now = steady_clock_now(&daemon->clock, newest != NULL ? newest->last : 0);

	if (daemon->config.window_seconds != 0)
		index_expire(daemon->index, now - daemon->config.window_seconds);
}

/* While the journal shows the way to go: systemctl status bounced. */
static void
notify_progress(struct daemon *daemon)
{
	struct tail_counts counts;

	if (daemon->is_backfilled || daemon->options->is_stdio)
		return;
	tail_count(daemon->tail, &counts);
	sd_notifyf(0, "STATUS=Reading the logs: %u %%, %llu lines", counts.backfill_percent,
	    (unsigned long long)counts.lines);
}

/* Once a second, when the tail looks: what is to be done now and then wakes nobody by itself. */
static void
take_look(void *context)
{
	struct daemon *daemon = context;

	daemon->ticks++;
	if (daemon->server != NULL)
		server_look(daemon->server);
	notify_progress(daemon);
	if (daemon->ticks % EXPIRE_TICKS == 0)
		expire(daemon);
	if (daemon->is_backfilled)
		go_on_ahead(daemon);
	if (daemon->watchdog_ms != 0)
		sd_notify(0, "WATCHDOG=1");
	reload_go_on(daemon);
}

static bool
open_tail(struct daemon *daemon)
{
	const struct daemon_options *options = daemon->options;
	const struct tail_receiver receiver = {
	    .lines = take_lines,
	    .caught_up = take_caught_up,
	    .complain = take_complaint,
	    .line_time = find_line_time,
	    .settle = settle,
	    .begin_aside = begin_aside,
	    .end_aside = end_aside,
	    .looked = take_look,
	    .context = daemon,
	};
	const struct tail_options tail_options = {
	    .paths = (const char *const *)daemon->config.logs.paths,
	    .path_count = daemon->config.logs.count,
	    .follow = !options->is_stdio || options->follows,
	    .siblings = !options->is_stdio,
	    .window_start = window_start(daemon),
	};

	daemon->tail = tail_new(&tail_options, daemon->base, &receiver);
	if (daemon->tail == NULL)
		log_say(LOG_ERR, "cannot begin to read the logs: %s", strerror(errno));
	return daemon->tail != NULL;
}

static void
on_ending(evutil_socket_t fd, short what, void *context)
{
	struct daemon *daemon = context;

	(void)fd;
	(void)what;
	if (server_peer_count(daemon->server) == 0 || clock_ms() >= daemon->end_until_ms)
		event_base_loopbreak(daemon->base);
}

static void
on_end(evutil_socket_t fd, short what, void *context)
{
	const struct timeval often = {.tv_usec = 20000};
	struct daemon *daemon = context;

	(void)fd;
	(void)what;
	if (daemon->server == NULL || daemon->is_ending) {
		event_base_loopbreak(daemon->base);
		return;
	}
	daemon->is_ending = true;
	sd_notify(0, "STOPPING=1");
	log_say(LOG_INFO, "ending");
	server_end(daemon->server);
	daemon->end_until_ms = clock_ms() + END_MS;
	if (event_add(daemon->ending, &often) != 0)
		event_base_loopbreak(daemon->base);
}

static struct event *
add_signal(struct daemon *daemon, int number, event_callback_fn callback)
{
	struct event *event = evsignal_new(daemon->base, number, callback, daemon);

	if (event != NULL) {
		event_priority_set(event, 0);
		event_add(event, NULL);
	}
	return event;
}

/* libevent's usual clock ticks every four milliseconds: too coarse for pauses of one or two. */
static struct event_base *
new_loop(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

static bool
open_loop(struct daemon *daemon)
{
	uint64_t watchdog_us;

	daemon->base = new_loop();
	if (daemon->base == NULL || event_base_priority_init(daemon->base, PRIORITIES) != 0)
		return false;
	daemon->on_term = add_signal(daemon, SIGTERM, on_end);
	daemon->on_int = add_signal(daemon, SIGINT, on_end);
	daemon->on_hup = add_signal(daemon, SIGHUP, reload_on_signal);
	steady_clock_init(&daemon->clock);
	daemon->ending = event_new(daemon->base, -1, EV_PERSIST, on_ending, daemon);
	daemon->ahead_timer = evtimer_new(daemon->base, on_ahead, daemon);
	if (daemon->on_term == NULL || daemon->on_int == NULL || daemon->on_hup == NULL ||
	    daemon->ending == NULL || daemon->ahead_timer == NULL)
		return false;
	event_priority_set(daemon->ending, 0);
	event_priority_set(daemon->ahead_timer, PRIORITIES - 1);
	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		daemon->watchdog_ms = watchdog_us / 1000;
	return true;
}

static void
fill_sources(struct daemon *daemon)
{
	daemon->sources = (struct answer_sources){
	    .index = daemon->index,
	    .classifier = daemon->classifier,
	    .zone = daemon->zone,
	    .started = time(NULL),
	    .version = PACKAGE_VERSION,
	    .userdomains = daemon->config.userdomains,
	    .localdomains = daemon->config.localdomains,
	    .homes = daemon->config.homes,
	    .reload_errors = &daemon->reload_errors,
	    .memory_max = daemon->config.memory_max,
	    .window_seconds = daemon->config.window_seconds,
	    .write_latency = latency_write,
	    .latency_context = &daemon->latency,
	};
}

static bool
open_index(struct daemon *daemon)
{
	struct ini_errors errors = {0};

	if (daemon->config.timezone != NULL)
		daemon->zone = zone_new(daemon->config.timezone);
	daemon->classifier = reload_read_classifier(daemon, &daemon->config, &errors);
	settings_say_errors(&errors);
	ini_errors_clear(&errors);
	if (daemon->classifier == NULL)
		return false;
	const struct index_options options = {
	    .memory_max = daemon->config.memory_max,
	    .classifier = daemon->classifier,
	    .zone = daemon->zone,
	};
	daemon->index = index_new(&options);
	if (daemon->index == NULL)
		log_say(LOG_ERR, "memory is out");
	return daemon->index != NULL;
}

static bool
open_server(struct daemon *daemon)
{
	const struct configuration *config = &daemon->config;
	const struct server_options options = {
	    .base = daemon->base,
	    .sources = &daemon->sources,
	    .socket = {.path = config->socket_path,
		.group = config->socket_group,
		.group_is_required = config->socket_group_is_set,
		.mode = config->socket_mode},
	    .access = {.group = config->socket_group,
		.users_own = config->users_own,
		.userdomains = config->userdomains},
	    .clients_max = (unsigned)config->clients_max,
	    .idle_seconds = (unsigned)config->idle_seconds,
	    .request_bytes = config->request_bytes,
	    .unsent_bytes = config->unsent_bytes,
	    .complain = take_complaint,
	};
	char problem[512];

	daemon->server = server_new(&options, problem, sizeof(problem));
	if (daemon->server == NULL) {
		log_say(LOG_ERR, "%s", problem);
		return false;
	}
	daemon->sources.write_clients = server_write_clients;
	daemon->sources.clients_context = daemon->server;
	return true;
}

/* The socket answers before the logs are read: READY says so. */
static bool
open_daemon(struct daemon *daemon)
{
	if (!open_index(daemon))
		return false;
	fill_sources(daemon);
	if (!open_server(daemon))
		return false;
	if (daemon->config.journal_failures)
		daemon->failures = journal_failures_new(&daemon->sources);
	if (!open_tail(daemon))
		return false;
	daemon->sources.tail = daemon->tail;
	sd_notify(0, "READY=1\nSTATUS=Reading the logs");
	return true;
}

/* Whether there is something to answer from under each name; where there is not, the tail has said why. */
static bool
has_all_logs(const struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->config.logs.count; i++) {
		struct tail_file_status status;

		tail_file_status(daemon->tail, i, &status);
		if (status.state == TAIL_MISSING || status.state == TAIL_UNREADABLE)
			return false;
	}
	return true;
}

/* Reads every file to its end first: the answers are about whole files. */
static bool
open_private(struct daemon *daemon)
{
	if (!open_index(daemon))
		return false;
	fill_sources(daemon);
	if (!open_tail(daemon))
		return false;
	daemon->sources.tail = daemon->tail;
	if (!daemon->options->follows) {
		if (!has_all_logs(daemon)) {
			daemon->has_no_log = true;
			return false;
		}
		(void)tail_read_all(daemon->tail);
	}
	while (daemon->options->follows && !daemon->is_backfilled)
		if (event_base_loop(daemon->base, EVLOOP_ONCE) != 0)
			return false;
	daemon->stdio = stdio_new(daemon->base, &daemon->sources, daemon->options->follows);
	if (daemon->stdio == NULL)
		log_say(LOG_ERR, "memory is out");
	return daemon->stdio != NULL;
}

static void
close_daemon(struct daemon *daemon)
{
	struct event *events[] = {daemon->on_term, daemon->on_int, daemon->on_hup, daemon->ending,
	    daemon->ahead_timer};

	answer_ahead_free(daemon->ahead);
	stdio_free(daemon->stdio);
	server_free(daemon->server);
	journal_failures_free(daemon->failures);
	if (daemon->tail != NULL)
		tail_free(daemon->tail);
	if (daemon->index != NULL)
		index_free(daemon->index);
	classifier_free(daemon->classifier);
	classifier_free(daemon->next_classifier);
	if (daemon->zone != NULL)
		zone_free(daemon->zone);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (daemon->base != NULL)
		event_base_free(daemon->base);
	ini_errors_clear(&daemon->reload_errors);
	configuration_clear(&daemon->config);
}

int
daemon_run(const struct daemon_options *options)
{
	struct daemon daemon = {.options = options};
	bool is_open;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!settings_read(&options->settings, &daemon.config, NULL))
		return SETTINGS_ARE_WRONG;
	if (!open_loop(&daemon)) {
		log_say(LOG_ERR, "cannot begin the event loop: %s", strerror(errno));
		close_daemon(&daemon);
		return EXIT_FAILURE;
	}
	is_open = options->is_stdio ? open_private(&daemon) : open_daemon(&daemon);
	if (is_open)
		event_base_dispatch(daemon.base);
	close_daemon(&daemon);
	return is_open ? EXIT_SUCCESS : daemon.has_no_log ? EXIT_NO_LOG : EXIT_FAILURE;
}
