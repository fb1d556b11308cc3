/* Tests of client/checks/policy/base64.c and rsa_key.c: keys as DNS and PEM files have them, whole and broken. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/policy/base64.h"
#include "client/checks/policy/rsa_key.h"
#include "tests/unit/unit.h"

/* bytes: NULL where it is no base64 */
static const struct {
	const char *text, *bytes;
} texts[] = {
    {"", ""},
    {"Zg==", "f"},
    {"Zm8=", "fo"},
    {"Zm9v", "foo"},
    {"Zm9vYg==", "foob"},
    {"Zm9vYmE=", "fooba"},
    {"Zm9vYmFy", "foobar"},
    {"+/+/", "\xfb\xff\xbf"},
    {" Zm9v\r\n\tYmFy ", "foobar"},
    {"Zm 8 =", "fo"},
    /* What many verifiers read, and what is commonly lost on the way. */
    {"Zg", "f"},
    {"Zm8", "fo"},
    {"Z", NULL},
    {"Zm9vY", NULL},
    {"=", NULL},
    {"Z===", NULL},
    {"Zg=", NULL},
    {"Zg===", NULL},
    {"Zm8==", NULL},
    {"Zg==Zg==", NULL},
    {"Zm9v====", NULL},
    {"Zm9v=", NULL},
    {"Zm-v", NULL},
    {"Zm_v", NULL},
    {"Zm9\x80", NULL},
};

START_TEST(base64_is_decoded_whole_or_not_at_all)
{
	size_t len = 0;
	unsigned char *bytes = base64_decode(texts[_i].text, strlen(texts[_i].text), &len);

	ck_assert((bytes == NULL) == (texts[_i].bytes == NULL));
	if (bytes != NULL) {
		ck_assert_uint_eq(len, strlen(texts[_i].bytes));
		ck_assert_mem_eq(bytes, texts[_i].bytes, len);
	}
	free(bytes);
}
END_TEST

START_TEST(a_nul_is_no_digit)
{
	size_t len;

	ck_assert_ptr_null(base64_decode("Zm9v\0Zm9v", 9, &len));
}
END_TEST

START_TEST(what_is_encoded_is_decoded)
{
	unsigned char bytes[100];
	size_t len = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37);
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		char *text = base64_encode(bytes, size);
		unsigned char *again = base64_decode(text, strlen(text), &len);

		ck_assert_uint_eq(strlen(text), (size + 2) / 3 * 4);
		ck_assert_uint_eq(len, size);
		ck_assert_mem_eq(again, bytes, size);
		free(again);
		free(text);
	}
}
END_TEST

#define KEY_768 \
	"MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAM79iBusUesWWjG7mjrbWLtF18p0gGtZoK/vslUnmjZC5Z+bvJaP5aqzQkQQ09D3yB21nw04wfnpOF3jvf4NpnfuByjCZ8cH5QOpqIGl0Tmcml4cVwwHCAIrbkW358OKtQIDAQAB"
#define KEY_1024 \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCu6Wb/epGDa/iHvOV3MXxNJmTRHBmoJLwLQoAApskiknY3x787mUh3U34u3lxCg0NP3/xf1fpKN8so02xblgZvHkHh4TEW1FIO83k/7/Lw6D1cVjxNqv2BgyEC6ezcj3wtdx7s2w5RNgw29nFzLcRyCpUoR1VbguZxWyaafF+tGQIDAQAB"
#define KEY_1024_BARE \
	"MIGJAoGBAK7pZv96kYNr+Ie85XcxfE0mZNEcGagkvAtCgACmySKSdjfHvzuZSHdTfi7eXEKDQ0/f/F/V+ko3yyjTbFuWBm8eQeHhMRbUUg7zeT/v8vDoPVxWPE2q/YGDIQLp7NyPfC13HuzbDlE2DDb2cXMtxHIKlShHVVuC5nFbJpp8X60ZAgMBAAE="

/* bits: 0 where it is no RSA key */
static const struct {
	const char *text;
	size_t bits;
	bool is_bare;
} keys[] = {
    {KEY_768, 768, false},
    {"MIGeMA0GCSqGSIb3DQEBAQUAA4GMADCBiAKBgGV9GC7cw3SS5M+OhQRiqhvDOX5bcZQ5BZhxR+dikVVZh0i+D83xYewkf0k7kB1Lt8IkHaPpsPNVmVlW1kLVuBBPafFHZAOtI3tzW6fyLP8TFpoEuhLC3UTFQfvCLh67XshrbRsxDJg+ooYpkT7gKQsNgyPXxUY9lrlt1DCa+vLPAgMBAAE=",
	1023, false},
    {KEY_1024, 1024, false},
    {"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvpqQb42EPkZOOex0rGSQf8ZBvYnMVPOSwcXcqyVpgNTrE6fm+RtJNE1Yh58Lj4ZgJMmOhEGkBbYPlHv/zrt/rGIUvtMP75taxM5+DuyC1iWVtVU/VTtJwjDrM4Ra3pKcCsgvFLkglY/svJdl7XPzxGqYFq03/kHeEk5M3ORSrAwC/Brm7I5Zc/0+oVyyZ9qpjQWk/mrhNW7hI4y/ZPPoGWmrI6fhNoYRrlQa6CTrEWpGlnJe4V5ig1Qcqn0puboKti685p61kIlyOB3Ep3aVaXHpYPGLQXd2rcj+iTJzvZEW1KYM3Xre5ZmkcpFScp85zAWeTVhHsMUgZSWHYpz7fQIDAQAB",
	2048, false},
    {KEY_1024_BARE, 1024, true},
    /* An elliptic curve, and Ed25519. */
    {"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0hwv47l8Uo8StFmGHKxf9j/HClIhZiQswhvmS6a86UYiU+6jPdz1YeJTG98rgkNAf0YDjxAjxF0IVshkNBA1fQ==",
	0, false},
    {"MCowBQYDK2VwAyEAm1QrlgFi6fCbRzFfm33UmRHsSly8ia4AjayJijLAuwk=", 0, false},
    {"", 0, false},
    /* SEQUENCE { 1, 3 }, { 0, 3 }, { -1, 3 }, { 1 }, { 1, 3, 3 }, { 1, nothing }, without end, longer than it is, and two. */
    {"MAYCAQECAQM=", 1, true},
    {"MAYCAQACAQM=", 0, false},
    {"MAYCAf8CAQM=", 0, false},
    {"MAMCAQE=", 0, false},
    {"MAkCAQECAQMCAQM=", 0, false},
    {"MAUCAQECAA==", 0, false},
    {"MIACAQECAQMAAA==", 0, false},
    {"MAcCAQECAQM=", 0, false},
    {"MAYCAQECAQMwBgIBAQIBAw==", 0, false},
    /* The first of them as SubjectPublicKeyInfo; with something behind each of its parts, bits left over, or no bits at all. */
    {"MBowDQYJKoZIhvcNAQEBBQADCQAwBgIBAQIBAw==", 1, false},
    {"MB0wDQYJKoZIhvcNAQEBBQADCQAwBgIBAQIBAwIBAQ==", 0, false},
    {"MBowDQYJKoZIhvcNAQEBBQADCQAwBgIBAQIBAwA=", 0, false},
    {"MBswDQYJKoZIhvcNAQEBBQADCgAwBgIBAQIBAwA=", 0, false},
    {"MBowDQYJKoZIhvcNAQEBBQADCQEwBgIBAQIBAw==", 0, false},
    {"MBEwDQYJKoZIhvcNAQEBBQADAA==", 0, false},
    /* The same in a length of two bytes, as DER has none that short. */
    {"MIEGAgEBAgED", 0, false},
};

START_TEST(the_size_of_a_key_is_told)
{
	size_t len = 0;
	struct rsa_key key;
	unsigned char *der = base64_decode(keys[_i].text, strlen(keys[_i].text), &len);

	ck_assert_ptr_nonnull(der);
	ck_assert(rsa_key_read(der, len, &key) == (keys[_i].bits != 0));
	if (keys[_i].bits != 0) {
		ck_assert_uint_eq(key.bits, keys[_i].bits);
		ck_assert(key.is_bare == keys[_i].is_bare);
	}
	free(der);
}
END_TEST

/* Each copy is as large as it is long, so that reading beyond its end is seen. */
START_TEST(a_part_of_a_key_is_none)
{
	size_t len = 0;
	struct rsa_key key;
	unsigned char *der = base64_decode(KEY_768, strlen(KEY_768), &len);

	for (size_t part = 0; part < len; part++) {
		unsigned char *copy = malloc(part != 0 ? part : 1);

		memcpy(copy, der, part);
		ck_assert(!rsa_key_read(copy, part, &key));
		free(copy);
	}
	free(der);
}
END_TEST

START_TEST(keys_are_equal_by_their_numbers)
{
	static const char *const same[] = {KEY_1024, KEY_1024_BARE};
	struct rsa_key pair[2], other;
	unsigned char *der[3];
	size_t len = 0;

	for (int i = 0; i < 2; i++) {
		der[i] = base64_decode(same[i], strlen(same[i]), &len);
		ck_assert(rsa_key_read(der[i], len, &pair[i]));
	}
	der[2] = base64_decode(KEY_768, strlen(KEY_768), &len);
	ck_assert(rsa_key_read(der[2], len, &other));
	ck_assert(rsa_key_equal(&pair[0], &pair[1]));
	ck_assert(!rsa_key_equal(&pair[0], &other));
	/* One byte of either number. */
	unsigned char *byte = (unsigned char *)(uintptr_t)pair[1].exponent;
	byte[pair[1].exponent_len - 1] ^= 2;
	ck_assert(!rsa_key_equal(&pair[0], &pair[1]));
	byte[pair[1].exponent_len - 1] ^= 2;
	byte = (unsigned char *)(uintptr_t)pair[1].modulus;
	byte[pair[1].modulus_len - 1] ^= 2;
	ck_assert(!rsa_key_equal(&pair[0], &pair[1]));
	for (int i = 0; i < 3; i++)
		free(der[i]);
}
END_TEST

static Suite *
keys_suite(void)
{
	Suite *suite = suite_create("client/checks/keys");
	TCase *tcase = tcase_create("keys");

	tcase_add_loop_test(tcase, base64_is_decoded_whole_or_not_at_all, 0,
	    sizeof(texts) / sizeof(*texts));
	tcase_add_test(tcase, a_nul_is_no_digit);
	tcase_add_test(tcase, what_is_encoded_is_decoded);
	tcase_add_loop_test(tcase, the_size_of_a_key_is_told, 0, sizeof(keys) / sizeof(*keys));
	tcase_add_test(tcase, a_part_of_a_key_is_none);
	tcase_add_test(tcase, keys_are_equal_by_their_numbers);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(keys_suite());
}
