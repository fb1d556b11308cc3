/* Classification: from a failure as the log tells it to the class that says who must act and what to do. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/classify/reply.h"
#include "daemon/text/ini.h"
#include "daemon/text/slice.h"

enum severity {
	SEVERITY_NONE, /* not said: the outcome decides, then the reply code's first digit */
	SEVERITY_HARD,
	SEVERITY_SOFT,
	SEVERITY_OTHER,
};

/* What kind of line tells of the failure. */
enum failure_kind {
	FAILURE_TEXT,     /* a bare text: nothing is known about the line */
	FAILURE_BOUNCED,  /* ** */
	FAILURE_DEFERRED, /* == */
	FAILURE_REJECTED, /* incoming, refused by this server: rejected RCPT, after DATA, connection */
	FAILURE_AUTH,     /* authenticator failed */
	FAILURE_DISCARDED, /* => /dev/null, :blackhole: */
	FAILURE_FROZEN,
	FAILURE_WARNING, /* a line that defers nothing: one host's trouble, spamd's words */
};

/* A failure as the log tells it. Slices may be empty; all belong to the caller. */
struct failure {
	enum failure_kind kind;
	struct slice message; /* Exim's text after the fields: what stands after the ": " */
	struct slice router;
	struct slice transport;
	struct slice
	    host; /* remote host's name from H=, when the line has it (else reply_parse finds it in message) */
	struct slice ip;      /* remote host's address, likewise */
	struct slice domain;  /* the recipient's */
	struct slice address; /* the recipient's, where it is known */
	bool has_error_number;
	int error_number; /* Exim's or the system's errno: N in `defer (N)` */
};

#define CLASS_UNCLASSIFIED_NAME "unclassified"

/* What is said to people: templates, each of which may be NULL. */
struct class_texts {
	const char *who; /* who must act, where it is somebody else than the class says */
	const char *summary;
	const char **advice; /* NULL-terminated */
	const char *customer;
};

/* A class of classes.conf. Strings belong to the classifier. */
struct class
{
	const char *name;
	enum severity severity; /* the default */
	const char *who;
	const char *meaning;
	struct class_texts texts;   /* summary and advice are there */
	struct class_texts refused; /* where this server was the one that refused; else as local */
	struct class_texts local;   /* where no other server was asked */
	struct class_texts bare;    /* where nothing shows that a server said it */
	struct class_texts many;    /* where many messages failed of one cause */
	struct class_texts bounce;  /* where the message was a bounce; before those of rules */
};

struct classification {
	uint16_t class_index;   /* of classifier_class() */
	uint16_t rule_index;    /* of classifier_rule_name(); CLASSIFY_NO_RULE when none matched */
	enum severity severity; /* the rule's override, or SEVERITY_NONE */
};

#define CLASSIFY_NO_RULE UINT16_MAX

struct classifier;

/*
 * Reads the classes from classes_path and the rules from every *.rules in rules_dirs (NULL-terminated, later ones override
 * rules of the same name). Returns NULL, with *errors filled, when anything is wrong: the caller keeps its old set.
 */
struct classifier *classifier_load(const char *classes_path, const char *const *rules_dirs,
    struct ini_errors *errors);
void classifier_free(struct classifier *classifier);

/* Classifies one failure; looks into the cache first. Never fails: what is not known is `unclassified`. */
void classifier_classify(struct classifier *classifier, const struct failure *failure,
    struct classification *out);

/* Keys of failures by what is quickly found of them: most say what others have said. All zero at the start; each thread has its own. */
enum { KEY_MEMO = 256 };
struct key_memo {
	struct known_key {
		uint64_t first, key; /* 0: free */
	} known[KEY_MEMO][2];        /* the newer one first */
};

/*
 * The two steps of that: the key under which the cache has the failure, never 0, which any thread may ask for and takes the most of the
 * time, and the classification of a failure with its key; 0: it is not known yet.
 */
uint64_t classifier_key(const struct classifier *classifier, struct key_memo *memo,
    const struct failure *failure);
void classifier_classify_keyed(struct classifier *classifier, const struct failure *failure,
    uint64_t key, struct classification *out);

/* The same without the cache: for the tests of the rules and for measuring. */
void classifier_classify_uncached(struct classifier *classifier, const struct failure *failure,
    struct classification *out);

size_t classifier_class_count(const struct classifier *classifier);
const struct class *classifier_class(const struct classifier *classifier, size_t index);
/* Index of the class of that name, or -1. */
int classifier_find_class(const struct classifier *classifier, struct slice name);
/* "yahoo/ts03", or NULL for CLASSIFY_NO_RULE. */
const char *classifier_rule_name(const struct classifier *classifier, uint16_t rule_index);

struct classifier_counts {
	size_t rules;
	size_t files;
	int64_t loaded;      /* Unix time */
	uint64_t classified; /* calls */
	uint64_t cache_hits;
};
void classifier_count(const struct classifier *classifier, struct classifier_counts *out);

/* What a template may name. Empty: not known. All slices belong to the caller. */
struct facts {
	struct slice address, local_part, domain, sender, sender_domain, host, ip, list, list_url,
	    url, limit, id, helo, login, client_ip, router, transport, malware, score, method,
	    auth_domain;
	/* What becomes of the message: a sentence; "the message" and its id while Exim goes on trying. */
	struct slice again, waiting, waiting_id;
	bool is_refused_here; /* this server was the one that refused, and ip is its client's */
	bool is_local;        /* a router or a local transport failed: no other server was asked */
	bool is_bounce;       /* the message was itself a bounce, whom nobody wrote */
	bool is_many;         /* it stands for many failures of one cause */
	bool is_bare;         /* a text that is neither a reply nor an entry of a log */
};

/* Fills the facts that stand in the failure's own text: ip, list, url, limit, malware, host, router, the method of authentication and the like. */
void facts_extract(const struct failure *failure, struct facts *facts);
/* Fills in whom the message was for and from. Behind facts_extract: a domain that the reply names stays what was checked. */
void facts_name(struct facts *facts, struct slice address, struct slice sender);
/* The message has that id; it waits on the queue unless the failure was for good, and is_frozen says that Exim does not try it by itself. */
void facts_identify(struct facts *facts, struct slice id, bool is_frozen);
/* The message is on hold: it neither came back nor is it tried by itself. */
void facts_frozen(struct facts *facts);
/* The message is a bounce: nobody waits for its coming back. Behind facts_identify. */
void facts_bounce(struct facts *facts);
/* Somebody took the message off the queue: it neither waits nor came back. */
void facts_removed(struct facts *facts);
/* Turns the roles round: this server has refused, and the failure's host is the client. */
void facts_refused_here(struct facts *facts, const struct failure *failure);

/* Receives each expanded text: nul-terminated, valid only during the call. */
typedef void advice_text_fn(void *context, const char *text);

/* Writes the summary of the classification (rule's own, else the class's) with the facts filled in; returns bytes written, always NUL-terminates. */
size_t advice_summary(const struct classifier *classifier,
    const struct classification *classification, const struct failure *failure,
    const struct facts *facts, char *buffer, size_t size);
/* Who must act: whom the rule names, else whom the class does for where it happened. */
const char *advice_who(const struct classifier *classifier,
    const struct classification *classification, const struct facts *facts);
/* Calls emit for each step of the advice, in order; steps whose facts are missing are left out. */
void advice_steps(const struct classifier *classifier, const struct classification *classification,
    const struct facts *facts, advice_text_fn *emit, void *context);
/* What to tell the customer; 0 and "" when the class has no such text. */
size_t advice_customer(const struct classifier *classifier,
    const struct classification *classification, const struct facts *facts, char *buffer,
    size_t size);

/* For explain --debug: every rule that matched, best first, with why it stands where it does. */
typedef void classifier_debug_fn(void *context, const char *rule, const char *class_name,
    const char *why);
void classifier_debug(struct classifier *classifier, const struct failure *failure,
    classifier_debug_fn *emit, void *context);

/* Runs the samples of every rule: complains of each sample that its rule does not win and of each `unlike` that it does. */
void classifier_run_samples(struct classifier *classifier, struct ini_errors *errors);
/* Frees samples and words, which only a check of the rules needs: they are a good part of what the rules take. Nothing can be checked afterwards. */
void classifier_forget_text(struct classifier *classifier);
/* Complains of rules that say what another one says. */
void classifier_find_duplicates(const struct classifier *classifier, struct ini_errors *errors);

const char *severity_name(enum severity severity); /* "hard", "soft", "other"; "other" for NONE */

#endif
