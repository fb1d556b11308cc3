/* Settings: the switches of cPanel and of its Exim that make mail stay away. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_SETTINGS_H
#define CLIENT_CHECKS_SETTINGS_H

struct checks;

/* The findings "settings": one for each switch in an unusual position, one for all others. Of a cPanel server. */
void settings_check(struct checks *checks);

#endif
