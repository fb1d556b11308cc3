/* RSA key: the numbers of a public key in DER, and how large it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_RSA_KEY_H
#define CLIENT_CHECKS_RSA_KEY_H

#include <stdbool.h>
#include <stddef.h>

/* Views of the bytes that were read; numbers without zeros before them. */
struct rsa_key {
	const unsigned char *modulus, *exponent;
	size_t modulus_len, exponent_len;
	size_t bits;  /* of the modulus */
	bool is_bare; /* the numbers alone, not in a SubjectPublicKeyInfo */
};

/* Reads a SubjectPublicKeyInfo (RFC 5280 4.1) or an RSAPublicKey (RFC 8017 A.1.1). False: it is neither, or no RSA key. */
bool rsa_key_read(const unsigned char *der, size_t len, struct rsa_key *key);
bool rsa_key_equal(const struct rsa_key *a, const struct rsa_key *b);

#endif
