/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/rsa_key.h"

#include <string.h>

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
};

struct bytes {
	const unsigned char *at;
	size_t len;
};

/* Takes one value of the type off the front, into *value. DER: lengths are definite, and as short as they can be (X.690 10.1). */
static bool
take(struct bytes *rest, unsigned char type, struct bytes *value)
{
	size_t len, header = 2;

	if (rest->len < header || rest->at[0] != type)
		return false;
	len = rest->at[1];
	if (len > 0x80) {
		size_t digits = len & 0x7f;

		if (digits > 3 || rest->len < header + digits)
			return false;
		len = 0;
		for (size_t i = 0; i < digits; i++)
			len = len << 8 | rest->at[header + i];
		header += digits;
		if (len < 0x80 || rest->at[2] == 0)
			return false;
	} else if (len == 0x80) {
		return false;
	}
	if (rest->len - header < len)
		return false;
	*value = (struct bytes){rest->at + header, len};
	rest->at += header + len;
	rest->len -= header + len;
	return true;
}

/* A number that is neither negative nor zero. */
static bool
take_number(struct bytes *rest, const unsigned char **at, size_t *len)
{
	struct bytes value;

	if (!take(rest, DER_INTEGER, &value) || value.len == 0 || (value.at[0] & 0x80) != 0)
		return false;
	while (value.len != 0 && value.at[0] == 0) {
		value.at++;
		value.len--;
	}
	*at = value.at;
	*len = value.len;
	return value.len != 0;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static bool
take_rsa_public_key(struct bytes all, struct rsa_key *key)
{
	struct bytes numbers;

	if (!take(&all, DER_SEQUENCE, &numbers) || all.len != 0 ||
	    !take_number(&numbers, &key->modulus, &key->modulus_len) ||
	    !take_number(&numbers, &key->exponent, &key->exponent_len) || numbers.len != 0)
		return false;
	key->bits = key->modulus_len * 8;
	for (unsigned char bit = 0x80; (key->modulus[0] & bit) == 0; bit >>= 1)
		key->bits--;
	return true;
}

/* SubjectPublicKeyInfo ::= SEQUENCE { algorithm SEQUENCE { OID, parameters }, subjectPublicKey BIT STRING } */
static bool
take_public_key_info(struct bytes all, struct rsa_key *key)
{
	/* 1.2.840.113549.1.1.1, rsaEncryption (RFC 8017 A.1) */
	static const unsigned char rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
	struct bytes info, algorithm, oid, string;

	if (!take(&all, DER_SEQUENCE, &info) || all.len != 0 ||
	    !take(&info, DER_SEQUENCE, &algorithm) || !take(&algorithm, DER_OID, &oid) ||
	    oid.len != sizeof(rsa) || memcmp(oid.at, rsa, sizeof(rsa)) != 0 ||
	    !take(&info, DER_BIT_STRING, &string) || info.len != 0)
		return false;
	/* The first byte tells how many bits of the last one do not count. */
	if (string.len == 0 || string.at[0] != 0)
		return false;
	return take_rsa_public_key((struct bytes){string.at + 1, string.len - 1}, key);
}

bool
rsa_key_read(const unsigned char *der, size_t len, struct rsa_key *key)
{
	const struct bytes all = {der, len};

	key->is_bare = false;
	if (take_public_key_info(all, key))
		return true;
	key->is_bare = true;
	return take_rsa_public_key(all, key);
}

bool
rsa_key_equal(const struct rsa_key *a, const struct rsa_key *b)
{
	return a->modulus_len == b->modulus_len && a->exponent_len == b->exponent_len &&
	    memcmp(a->modulus, b->modulus, a->modulus_len) == 0 &&
	    memcmp(a->exponent, b->exponent, a->exponent_len) == 0;
}
