/* The DKIM key that a domain publishes at cPanel's selector, beside the one this server signs with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/policy/base64.h"
#include "client/checks/policy/dkim_key.h"
#include "client/checks/policy/publishing.h"

/* cPanel signs with one selector, whatever the domain. */
#define SELECTOR "default"
#define KEYS "/var/cpanel/domain_keys"

/* What this server has of the domain. */
struct own {
	enum hosted hosted;
	const struct box_file *userdomains, *file; /* the key's: of its public half */
	const char *trouble; /* why there is no key in it, to follow its name; NULL: there is */
	bool has_file;       /* of the public or the private half, as far as can be seen */
	struct dkim_key key;
	char *record; /* to publish; NULL where the key is not known, or too small to be of use */
};

/* What stands between the lines that begin and end a public key (RFC 7468 13); NULL: none does. The caller frees it. */
static char *
pem_text(const struct box_file *file)
{
	char *text = NULL;
	size_t len, i = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	while (i < file->count && strcmp(file->lines[i], "-----BEGIN PUBLIC KEY-----") != 0)
		i++;
	for (i++; i < file->count && file->lines[i][0] != '-'; i++)
		fputs(file->lines[i], out);
	fclose(out);
	if (i < file->count)
		return text;
	free(text);
	return NULL;
}

static void
read_own_key(struct own *own)
{
	char *text, *encoded;

	own->trouble = own->file->error;
	if (own->trouble != NULL)
		return;
	text = pem_text(own->file);
	if (text == NULL || !dkim_key_take_rsa(&own->key, text, strlen(text)) ||
	    own->key.rsa.is_bare)
		own->trouble = "holds no RSA public key";
	free(text);
	if (own->trouble != NULL || own->key.rsa.bits < DKIM_RSA_BITS_MIN)
		return;
	encoded = base64_encode(own->key.bytes, own->key.len);
	if (encoded == NULL || asprintf(&own->record, "v=DKIM1; k=rsa; p=%s;", encoded) < 0)
		own->record = NULL;
	free(encoded);
}

static void
read_own(struct own *own, struct checks *checks, const char *domain, struct draft *draft)
{
	struct account account;

	*own = (struct own){.userdomains = box_read(checks->box, "/etc/userdomains"),
	    .file = box_readf(checks->box, KEYS "/public/%s", domain)};
	account_of(checks->box, domain, &account);
	own->hosted = account_hosted(&account);
	lines_draft_evidence(draft, account.domains, account.line);
	account_clear(&account);
	own->has_file = box_has(checks->box, own->file->path) ||
	    box_hasf(checks->box, KEYS "/private/%s", domain);
	read_own_key(own);
}

static void
clear_own(struct own *own)
{
	dkim_key_clear(&own->key);
	free(own->record);
}

/* Where the key to publish comes from. */
static void
advise_key(struct draft *draft, const char *domain, const char *name, const struct own *own)
{
	if (own->record != NULL)
		publishing_advise_text(draft, name, own->record);
	else if (own->trouble == NULL)
		draft_advise(draft,
		    "This server's administrator: make a new key of 2048 bits for %s, and publish that.",
		    domain);
	else if (own->file->error != NULL && !own->file->is_absent)
		draft_advise(draft,
		    "This server's administrator: repeat this as root, who can read %s, to see the record to publish.",
		    own->file->path);
	else if (own->has_file)
		draft_advise(draft,
		    "This server's administrator: openssl rsa -in " KEYS
		    "/private/%s -pubout shows the key; what stands between its first and last line is to be published at %s as v=DKIM1; k=rsa; p=KEY.",
		    domain, name);
	else if (own->hosted != HOSTED_HERE)
		draft_advise(draft,
		    "The administrator of the server that signs for %s: publish its key at %s as v=DKIM1; k=rsa; p=KEY, without blanks, quotes or backslashes in KEY.",
		    domain, name);
}

static void
advise_cpanel(struct draft *draft, const char *domain)
{
	draft_advise(draft,
	    "The account's owner: in cPanel, Email Deliverability, Manage beside %s makes the key and shows the record, and installs it where this server runs the zone.",
	    domain);
}

/* What makes receivers able to verify what this server signs. */
static void
advise(struct draft *draft, struct checks *checks, const char *domain, const char *name,
    const struct own *own)
{
	advise_key(draft, domain, name, own);
	if (own->hosted == HOSTED_HERE || own->has_file)
		advise_cpanel(draft, domain);
	publishing_advise_place(draft, checks, domain);
}

static void
judge_absence(struct draft *draft, struct checks *checks, const char *domain, const char *name,
    const struct own *own)
{
	if (own->hosted == HOSTED_HERE || own->has_file) {
		draft_open(draft, "%s publishes no DKIM key at %s.", domain, name);
		if (own->has_file)
			draft_say(draft, CHECK_FAIL,
			    "This server has a key for it, and nobody can verify what is signed with that.");
		else
			draft_say(draft, CHECK_FAIL,
			    "This server hosts it, and no key for it can be seen: %s %s.",
			    own->file->path, own->trouble);
		if (own->trouble == NULL && own->record == NULL)
			draft_say(draft, CHECK_FAIL,
			    "The key has %zu bits besides, where receivers take none of less than 1024 (RFC 8301).",
			    own->key.rsa.bits);
		advise(draft, checks, domain, name, own);
		return;
	}
	draft_open(draft, "%s publishes no DKIM key at %s, where cPanel has it.", domain, name);
	if (own->hosted == HOSTED_PERHAPS)
		draft_say(draft, CHECK_UNKNOWN, "Whether this server hosts it is not known: %s %s.",
		    own->userdomains->path, own->userdomains->error);
	else
		draft_say(draft, CHECK_UNKNOWN,
		    "This server does not host it, and who does may sign with another selector.");
	draft_say(draft, CHECK_UNKNOWN, "Other selectors cannot be found by asking DNS.");
	draft_advise(draft,
	    "Look for s= in the DKIM-Signature of a message from %s, and ask DNS for TXT at that, followed by ._domainkey.%s.",
	    domain, domain);
}

static void
compare(struct draft *draft, struct checks *checks, const char *domain, const struct dkim_key *key,
    const struct own *own)
{
	if (own->trouble == NULL && key->bytes != NULL) {
		if (key->is_rsa && rsa_key_equal(&key->rsa, &own->key.rsa)) {
			draft_say(draft, CHECK_OK, "It is the key that this server signs with.");
			return;
		}
		draft_say(draft, CHECK_FAIL,
		    "The published key is not the one of this server (%s), whose signatures are therefore bad.",
		    own->file->path);
		draft_advise(draft,
		    "If another server signs with the selector " SELECTOR
		    " too, one of the two needs another selector or the key of the other.");
	} else if (own->hosted == HOSTED_HERE && !own->has_file &&
	    box_has(checks->box, KEYS "/public")) {
		draft_say(draft, CHECK_WARN,
		    "This server hosts the domain and has no key for it, so what it sends is not signed: %s %s.",
		    own->file->path, own->trouble);
		advise_cpanel(draft, domain);
	} else if (own->trouble != NULL) {
		draft_say(draft, CHECK_OK, "It was not compared with a key of this server: %s %s.",
		    own->file->path, own->trouble);
	}
}

static void
judge_record(struct draft *draft, struct checks *checks, const char *domain, const char *name,
    const char *record, const struct own *own)
{
	struct dkim_key key;

	dkim_key_read(&key, record, draft);
	compare(draft, checks, domain, &key, own);
	if (draft->status == CHECK_FAIL) {
		draft_open(draft, "Receivers cannot verify signatures of %s by the key at %s.",
		    domain, name);
		draft_advise(draft, "Take away what is published at %s now.", name);
		advise(draft, checks, domain, name, own);
	} else {
		if (key.is_rsa)
			draft_open(draft, "%s publishes a DKIM key (RSA, %zu bits).", domain,
			    key.rsa.bits);
		else
			draft_open(draft, "%s publishes a DKIM key (Ed25519).", domain);
		if (key.is_rsa && key.rsa.bits < DKIM_RSA_BITS_GOOD)
			draft_advise(draft,
			    "The administrator of the server that signs: make a new key of 2048 bits for %s, and publish that.",
			    domain);
		if (key.is_tested)
			draft_advise(draft, "Take t=y out of the record once signatures verify.");
	}
	dkim_key_clear(&key);
}

static void
judge(struct draft *draft, struct checks *checks, const char *domain, const char *name)
{
	const struct lookup *lookup = resolver_ask(checks->resolver, name, RECORD_TXT);
	struct own own;

	if (lookup->status == LOOKUP_FAILED) {
		draft_say(draft, CHECK_UNKNOWN, "The DKIM key at %s could not be looked up: %s.",
		    name, lookup->error);
		return;
	}
	evidence_of_records(draft, name, RECORD_TXT, lookup);
	read_own(&own, checks, domain, draft);
	if (lookup->status != LOOKUP_FOUND) {
		judge_absence(draft, checks, domain, name, &own);
	} else if (lookup->count != 1) {
		draft_say(draft, CHECK_FAIL,
		    "There are %zu TXT records at %s, and receivers may take any of them (RFC 6376 3.6.2.2).",
		    lookup->count, name);
		draft_advise(draft, "Leave one record at %s, and take the others away.", name);
		advise(draft, checks, domain, name, &own);
	} else {
		judge_record(draft, checks, domain, name, lookup->records[0].text, &own);
	}
	clear_own(&own);
}

void
check_dkim(struct checks *checks, const char *domain)
{
	struct draft draft = {0};
	char *name;

	if (asprintf(&name, SELECTOR "._domainkey.%s", domain) < 0)
		return;
	judge(&draft, checks, domain, name);
	draft_add(&draft, checks, "dkim");
	free(name);
}
