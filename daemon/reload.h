/* Reload: SIGHUP reads configuration, classes and rules anew; what was loaded before stays in force where the new is wrong. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <event2/util.h>

struct classifier;
struct configuration;
struct daemon;
struct ini_errors;

struct classifier *reload_read_classifier(const struct daemon *daemon,
    const struct configuration *config, struct ini_errors *errors);
/* For the event of SIGHUP, whose context is the daemon. */
void reload_on_signal(evutil_socket_t fd, short what, void *context);
/* Goes on with a reload that waits for answers in the making. */
void reload_go_on(struct daemon *daemon);

#endif
