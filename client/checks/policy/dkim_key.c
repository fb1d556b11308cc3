/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/dkim_key.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/draft.h"
#include "client/checks/policy/base64.h"
#include "client/checks/policy/tags.h"

enum { ED25519_BYTES = 32 }; /* RFC 8463 4.2 */

bool
dkim_key_take_rsa(struct dkim_key *key, const char *text, size_t len)
{
	key->bytes = base64_decode(text, len, &key->len);
	key->is_rsa = key->bytes != NULL && rsa_key_read(key->bytes, key->len, &key->rsa);
	return key->is_rsa;
}

static void
judge_size(const struct dkim_key *key, struct draft *draft)
{
	if (key->rsa.bits < DKIM_RSA_BITS_MIN)
		draft_say(draft, CHECK_FAIL,
		    "The published key has %zu bits: signatures of less than 1024 bits count as none (RFC 8301).",
		    key->rsa.bits);
	else if (key->rsa.bits < DKIM_RSA_BITS_GOOD)
		draft_say(draft, CHECK_WARN,
		    "The published key has %zu bits, and should have 2048 (RFC 8301).",
		    key->rsa.bits);
}

static void
read_rsa(struct dkim_key *key, const struct tag *p, struct draft *draft)
{
	if (dkim_key_take_rsa(key, p->value, p->value_len)) {
		judge_size(key, draft);
		if (key->rsa.is_bare)
			draft_say(draft, CHECK_WARN,
			    "The published key is an RSAPublicKey, where most verifiers read only a SubjectPublicKeyInfo (RFC 6376, erratum 3017).");
	} else if (key->bytes == NULL) {
		draft_say(draft, CHECK_FAIL,
		    "p= is not base64: characters are missing or were added on the way.");
	} else {
		draft_say(draft, CHECK_FAIL,
		    "p= is base64, but no whole RSA key: a part of it is missing, or it is something else.");
	}
}

static void
read_ed25519(struct dkim_key *key, const struct tag *p, struct draft *draft)
{
	key->bytes = base64_decode(p->value, p->value_len, &key->len);
	if (key->bytes == NULL)
		draft_say(draft, CHECK_FAIL,
		    "p= is not base64: characters are missing or were added on the way.");
	else if (key->len != ED25519_BYTES)
		draft_say(draft, CHECK_FAIL, "p= has %zu bytes, where an Ed25519 key has 32.",
		    key->len);
}

static void
read_p(struct dkim_key *key, const struct tags *tags, struct draft *draft)
{
	const struct tag *p = tags_find(tags, "p"), *k = tags_find(tags, "k");

	if (p == NULL)
		draft_say(draft, CHECK_FAIL, "There is no p=, which holds the key.");
	else if (p->value_len == 0)
		draft_say(draft, CHECK_FAIL,
		    "p= is empty, which says that the key is revoked: all its signatures are bad.");
	else if (k == NULL || tag_is(k, "rsa"))
		read_rsa(key, p, draft);
	else if (tag_is(k, "ed25519"))
		read_ed25519(key, p, draft);
	else
		draft_say(draft, CHECK_FAIL,
		    "k=%.*s is no kind of key that DKIM knows: these are rsa and ed25519.",
		    (int)k->value_len, k->value);
}

static void
judge_version(const struct tags *tags, struct draft *draft)
{
	const struct tag *v = tags_find(tags, "v");

	if (v == NULL)
		return;
	if (v->value_len != strlen("DKIM1") || memcmp(v->value, "DKIM1", v->value_len) != 0)
		draft_say(draft, CHECK_FAIL, "v=%.*s is not v=DKIM1, so verifiers pass it over.",
		    (int)v->value_len, v->value);
	else if (v != tags->list)
		draft_say(draft, CHECK_FAIL,
		    "v=DKIM1 does not stand first, so verifiers pass the record over.");
}

static void
judge_use(struct dkim_key *key, const struct tags *tags, struct draft *draft)
{
	const struct tag *h = tags_find(tags, "h"), *s = tags_find(tags, "s"),
			 *t = tags_find(tags, "t");

	if (h != NULL && !tag_lists(h, "sha256"))
		draft_say(draft, CHECK_FAIL,
		    "h=%.*s leaves out sha256, the only hash that may be used (RFC 8301).",
		    (int)h->value_len, h->value);
	if (s != NULL && !tag_lists(s, "*") && !tag_lists(s, "email"))
		draft_say(draft, CHECK_FAIL, "s=%.*s says that the key is not for email.",
		    (int)s->value_len, s->value);
	key->is_tested = t != NULL && tag_lists(t, "y");
	if (key->is_tested)
		draft_say(draft, CHECK_WARN,
		    "t=y says that DKIM is only being tested: receivers may take signed mail for unsigned.");
}

/* No value needs them but notes (n=); what was copied from a zone file or a shell brings them along. */
static bool
has_escapes(const char *record, const struct tags *tags)
{
	if (tags->error != NULL)
		return strpbrk(record, "\"\\") != NULL;
	for (size_t i = 0; i < tags->count; i++) {
		const struct tag *tag = &tags->list[i];

		if ((tag->name_len != 1 || *tag->name != 'n') &&
		    (memchr(tag->value, '"', tag->value_len) != NULL ||
			memchr(tag->value, '\\', tag->value_len) != NULL))
			return true;
	}
	return false;
}

void
dkim_key_read(struct dkim_key *key, const char *record, struct draft *draft)
{
	struct tags tags;
	bool is_read = tags_read(record, &tags);

	*key = (struct dkim_key){0};
	if (has_escapes(record, &tags)) {
		draft_say(draft, CHECK_FAIL,
		    "Quotes or backslashes stand in the record itself: they belong into a zone file, not into a form.");
		return;
	}
	if (!is_read) {
		draft_say(draft, CHECK_FAIL, "The record cannot be read: %s%s%.*s.", tags.error,
		    tags.piece_len != 0 ? ": " : "", (int)tags.piece_len, tags.piece);
		return;
	}
	judge_version(&tags, draft);
	read_p(key, &tags, draft);
	judge_use(key, &tags, draft);
}

void
dkim_key_clear(struct dkim_key *key)
{
	free(key->bytes);
	*key = (struct dkim_key){0};
}
