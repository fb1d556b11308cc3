/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_macro.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/dns/ip.h"

enum {
	NAME_MAX_ = 253,   /* RFC 7208 7.3 */
	PARTS_MAX = 10000, /* more right-hand parts than any value has */
};

enum place { IN_DOMAIN, IN_MODIFIER, IN_EXPLANATION };

/* macro-expand, or a byte that stands for itself. */
struct piece {
	char literal; /* '\0': a macro letter follows */
	bool is_expand;
	char letter; /* in lower case */
	bool is_escaped, is_reversed;
	unsigned parts; /* 0: all */
	const char *delimiters;
	size_t delimiter_count;
};

/*
 * transformers = *DIGIT [ "r" ]
 * delimiter    = "." / "-" / "+" / "," / "/" / "_" / "="
 */
static const char *
take_transformers(const char **at, struct piece *piece)
{
	const char *rest = *at;

	if (isdigit((unsigned char)*rest)) {
		for (; isdigit((unsigned char)*rest); rest++)
			if (piece->parts < PARTS_MAX)
				piece->parts = piece->parts * 10 + (unsigned)(*rest - '0');
		if (piece->parts == 0)
			return "a macro cannot be cut to 0 parts (RFC 7208 7.3)";
	}
	piece->is_reversed = *rest == 'r' || *rest == 'R';
	if (piece->is_reversed)
		rest++;
	piece->delimiters = rest;
	piece->delimiter_count = strspn(rest, ".-+,/_=");
	rest += piece->delimiter_count;
	if (*rest != '}')
		return "a macro is %{, a letter, a number, r, delimiters and } (RFC 7208 7.1)";
	*at = rest + 1;
	return NULL;
}

/* macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-" */
static const char *
take_expand(const char **at, enum place place, struct piece *piece)
{
	const char *rest = *at + 1;

	piece->is_expand = true;
	switch (*rest) {
	case '%':
	case '_':
	case '-':
		piece->literal = *rest;
		*at = rest + 1;
		return NULL;
	case '{':
		break;
	default:
		return "% begins a macro, %{ and a letter; the sign itself is %% (RFC 7208 7.1)";
	}
	rest++;
	if (*rest == '\0' || strchr("slodipvhcrtSLODIPVHCRT", *rest) == NULL)
		return "the letters of macros are s, l, o, d, i, p, v, h (RFC 7208 7.2)";
	piece->letter = (char)tolower((unsigned char)*rest);
	piece->is_escaped = isupper((unsigned char)*rest);
	if (place == IN_DOMAIN && strchr("crt", piece->letter) != NULL)
		return "the macros c, r and t stand only in explanations (RFC 7208 7.2)";
	rest++;
	const char *problem = take_transformers(&rest, piece);
	if (problem == NULL)
		*at = rest;
	return problem;
}

/* Takes the next piece of a text that is not at its end; returns what is wrong with it. */
static const char *
take_piece(const char **at, enum place place, struct piece *piece)
{
	unsigned char byte = (unsigned char)**at;

	*piece = (struct piece){0};
	if (byte == '%')
		return take_expand(at, place, piece);
	/* macro-literal = %x21-24 / %x26-7E */
	if ((byte < 0x21 && !(byte == ' ' && place == IN_EXPLANATION)) || byte > 0x7e)
		return "it holds a byte that is no visible ASCII character (RFC 7208 3.1)";
	piece->literal = (char)byte;
	++*at;
	return NULL;
}

static const char *
problem_of(const char *text, enum place place, bool *ends_in_macro)
{
	struct piece piece = {0};
	const char *problem = NULL;

	while (*text != '\0' && problem == NULL)
		problem = take_piece(&text, place, &piece);
	*ends_in_macro = piece.is_expand;
	return problem;
}

const char *
spf_macro_problem(const char *text)
{
	bool ends_in_macro;

	return problem_of(text, IN_MODIFIER, &ends_in_macro);
}

const char *
spf_explanation_problem(const char *text)
{
	bool ends_in_macro;

	return problem_of(text, IN_EXPLANATION, &ends_in_macro);
}

/*
 * toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
 */
static bool
is_top_label(const char *label, size_t len)
{
	bool has_other_than_digits = false;

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)label[i]) && label[i] != '-')
			return false;
		if (!isdigit((unsigned char)label[i]))
			has_other_than_digits = true;
	}
	return has_other_than_digits && label[0] != '-' && label[len - 1] != '-';
}

const char *
spf_domain_problem(const char *spec)
{
	static const char no_name[] =
	    "its name does not end in a dot and a top-level domain, as example.com does (RFC 7208 7.1)";
	size_t len = strlen(spec), label;
	bool ends_in_macro;
	const char *problem = problem_of(spec, IN_DOMAIN, &ends_in_macro);

	if (len == 0)
		return "a name is missing (RFC 7208 4.6.1)";
	if (problem != NULL || ends_in_macro)
		return problem;
	/* domain-end = ( "." toplabel [ "." ] ) / macro-expand; a dot within a macro has its brace behind it, which no label has. */
	if (spec[len - 1] == '.')
		len--;
	for (label = len; label > 0 && spec[label - 1] != '.'; label--)
		;
	return label == 0 || !is_top_label(spec + label, len - label) ? no_name : NULL;
}

/* The value of a letter, to be split. The caller frees it. */
static char *
value_of(char letter, const struct spf_macros *macros)
{
	const char *at = strrchr(macros->sender, '@');
	int local_len = at != NULL ? (int)(at - macros->sender) : 0;
	const char *local = local_len != 0 ? macros->sender : "postmaster";
	const char *text = NULL;
	char *value = NULL, shown[IP_TEXT_SIZE];
	int written = 0;

	if (local_len == 0)
		local_len = (int)strlen(local);
	switch (letter) {
	case 's':
		written = asprintf(&value, "%.*s@%s", local_len, local,
		    at != NULL ? at + 1 : macros->sender);
		return written < 0 ? NULL : value;
	case 'l':
		return strndup(local, (size_t)local_len);
	case 'o':
		return strdup(at != NULL ? at + 1 : macros->sender);
	case 'd':
		return strdup(macros->domain);
	case 'v':
		return strdup(macros->ip->family == AF_INET ? "in-addr" : "ip6");
	case 't':
		written = asprintf(&value, "%lld", (long long)macros->now);
		return written < 0 ? NULL : value;
	case 'c':
		return strdup(ip_text(macros->ip, shown));
	case 'h':
		text = macros->helo;
		break;
	case 'r':
		text = macros->receiver;
		break;
	case 'p':
		if (macros->validated_name != NULL)
			text = macros->validated_name(macros->context);
		break;
	}
	return strdup(text != NULL ? text : "unknown");
}

/* i: an IPv6 address is its 32 hexadecimal digits, with dots between them (7.3). */
static char *
ip_value(const struct ip *ip)
{
	char text[IP_NAME_SIZE];
	size_t len = 0;

	if (ip->family == AF_INET)
		return strdup(ip_text(ip, text));
	for (size_t i = 0; i < 16; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%x.%x",
		    i != 0 ? "." : "", ip->bytes[i] >> 4, ip->bytes[i] & 15);
	return strdup(text);
}

static void
write_part(FILE *out, const char *part, size_t len, bool is_escaped)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)part[i];

		/* unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~" (RFC 3986 2.3) */
		if (!is_escaped || isalnum(byte) || (byte != '\0' && strchr("-._~", byte) != NULL))
			putc(byte, out);
		else
			fprintf(out, "%%%02X", byte);
	}
}

static bool
is_delimiter(char byte, const struct piece *piece)
{
	if (piece->delimiter_count == 0)
		return byte == '.';
	return memchr(piece->delimiters, byte, piece->delimiter_count) != NULL;
}

/* Splits the value, turns it round, keeps the parts on the right, and joins them by dots (7.3). */
static void
write_parts(FILE *out, const char *value, const struct piece *piece)
{
	size_t count = 1, skipped, len = strlen(value);

	for (size_t i = 0; i < len; i++)
		count += is_delimiter(value[i], piece);
	skipped = piece->parts != 0 && piece->parts < count ? count - piece->parts : 0;
	if (piece->is_reversed) {
		size_t end = len, left = count - skipped;

		/* The parts that are left out would come first: they are the last of the value. */
		for (; skipped != 0; end--)
			if (is_delimiter(value[end - 1], piece))
				skipped--;
		for (size_t from = end; left != 0; end = from > 0 ? --from : 0, left--) {
			while (from > 0 && !is_delimiter(value[from - 1], piece))
				from--;
			write_part(out, value + from, end - from, piece->is_escaped);
			if (left > 1)
				putc('.', out);
		}
		return;
	}
	for (; skipped != 0; value++)
		if (is_delimiter(*value, piece))
			skipped--;
	for (;;) {
		size_t part = 0;

		while (value[part] != '\0' && !is_delimiter(value[part], piece))
			part++;
		write_part(out, value, part, piece->is_escaped);
		if (value[part] == '\0')
			return;
		putc('.', out);
		value += part + 1;
	}
}

static void
write_piece(FILE *out, const struct piece *piece, const struct spf_macros *macros)
{
	if (piece->letter != '\0') {
		char *value = piece->letter == 'i' ? ip_value(macros->ip) :
						     value_of(piece->letter, macros);

		if (value != NULL)
			write_parts(out, value, piece);
		free(value);
	} else if (piece->is_expand && piece->literal == '-') {
		fputs("%20", out);
	} else if (piece->is_expand && piece->literal == '_') {
		putc(' ', out);
	} else {
		putc(piece->literal, out);
	}
}

char *
spf_explanation_expand(const char *text, const struct spf_macros *macros)
{
	char *expanded = NULL;
	size_t size;
	FILE *out = open_memstream(&expanded, &size);
	struct piece piece;

	if (out == NULL)
		return NULL;
	while (*text != '\0' && take_piece(&text, IN_EXPLANATION, &piece) == NULL)
		write_piece(out, &piece, macros);
	if (fclose(out) != 0) {
		free(expanded);
		return NULL;
	}
	return expanded;
}

char *
spf_domain_expand(const char *spec, const struct spf_macros *macros)
{
	char *name = spf_explanation_expand(spec, macros);
	size_t len = name != NULL ? strlen(name) : 0;
	const char *kept = name;

	if (len != 0 && name[len - 1] == '.')
		name[--len] = '\0';
	while (len > NAME_MAX_) {
		const char *dot = strchr(kept, '.');

		if (dot == NULL)
			break;
		len -= (size_t)(dot + 1 - kept);
		kept = dot + 1;
	}
	if (kept != name)
		memmove(name, kept, len + 1);
	return name;
}
