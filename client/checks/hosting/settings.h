/* Settings: the switches of cPanel and of its Exim that make mail stay away. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SETTINGS_H
#define CLIENT_CHECKS_SETTINGS_H

struct checks;

/* Of a cPanel server, the findings "settings", one for each switch in an unusual position and one for all others, and "filter". */
void settings_check(struct checks *checks);

#endif
