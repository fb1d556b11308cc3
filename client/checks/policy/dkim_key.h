/* DKIM key: what a key record (RFC 6376 3.6.1) holds, and what verifiers will make of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_DKIM_KEY_H
#define CLIENT_CHECKS_DKIM_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/policy/rsa_key.h"

struct draft;

/* RFC 8301 3.2 */
enum {
	DKIM_RSA_BITS_MIN = 1024,  /* verifiers must not take less */
	DKIM_RSA_BITS_GOOD = 2048, /* signers should have it */
};

struct dkim_key {
	unsigned char *bytes; /* p=, decoded; NULL: there is none that could be */
	size_t len;
	bool is_rsa; /* rsa was read from the bytes, and points to them */
	struct rsa_key rsa;
	bool is_tested; /* t=y */
};

/* Reads the record; whatever is not as it should be goes into the draft, as failed where no verifier takes the key. */
void dkim_key_read(struct dkim_key *key, const char *record, struct draft *draft);
/* Takes the text of a key in base64, as PEM and p= have it. False: it is no RSA key. */
bool dkim_key_take_rsa(struct dkim_key *key, const char *text, size_t len);
void dkim_key_clear(struct dkim_key *key);

#endif
