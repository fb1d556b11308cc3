/* The limits that keep one peer from harming the others; the configuration's [limits] changes them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTOCOL_LIMITS_H
#define PROTOCOL_LIMITS_H

enum {
	LIMIT_REQUEST_BYTES = 64 * 1024, /* a request's line, its newline not counted */
	LIMIT_NESTING = 16,              /* arrays and objects inside each other in a request */
	LIMIT_CLIENTS = 256,
	LIMIT_IDLE_SECONDS = 30,              /* between two bytes of one request */
	LIMIT_UNSENT_BYTES = 8 * 1024 * 1024, /* waiting for one peer to read */
	LIMIT_PAGE_ITEMS = 1000,
	LIMIT_WATCHES = 16, /* at once on one connection */
};

#endif
