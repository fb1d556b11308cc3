/* The cache: most replies have been seen before, with another address in them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/cache.h"

#include "daemon/classify/addressee.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum {
	LONG_NUMBER = 4,
	LONG_MIXTURE = 8,
	CODE_NUMBER_MAX = 4,
	LONG_WORD = 8,
	LONG_WORD_MAX = 24,
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

enum { TOKEN_BYTE = 1, WORD_BYTE = 2, TELLING_BYTE = 4 };

/*
 * What tokens are made of in prepared texts, where bytes of other scripts are letters; what may join tokens to one address or name; and
 * what words hold that are more than words.
 */
static const uint8_t byte_kinds[256] = {
    ['0' ... '9'] = TOKEN_BYTE | WORD_BYTE | TELLING_BYTE,
    ['A' ... 'Z'] = TOKEN_BYTE | WORD_BYTE,
    ['a' ... 'z'] = TOKEN_BYTE | WORD_BYTE,
    [0x80 ... 0xff] = TOKEN_BYTE | WORD_BYTE,
    ['@'] = WORD_BYTE | TELLING_BYTE,
    ['.'] = WORD_BYTE | TELLING_BYTE,
    ['-'] = WORD_BYTE,
    ['_'] = WORD_BYTE,
    ['+'] = WORD_BYTE,
    ['='] = WORD_BYTE,
};

static struct slice
take_while(struct slice *text, uint8_t kind)
{
	size_t len = 0;

	while (len < text->len && (byte_kinds[(uint8_t)text->at[len]] & kind) != 0)
		len++;
	struct slice taken = slice_first(*text, len);
	*text = slice_skip(*text, len);
	return taken;
}

/* Adds those of a text in small letters. */
static bool
add_tokens(struct tokens *tokens, struct slice rest)
{
	while (!slice_is_empty(rest)) {
		struct slice run = take_while(&rest, TOKEN_BYTE);

		if (run.len != 0 && !tokens_add(tokens, run))
			return false;
		rest = slice_skip(rest, 1);
	}
	return true;
}

static bool
add_tokens_of_pattern(struct tokens *tokens, const char *pattern)
{
	char small[PATTERN_MAX];
	size_t len = 0;

	for (; pattern[len] != '\0' && len < sizeof(small); len++)
		small[len] = (char)(pattern[len] >= 'A' && pattern[len] <= 'Z' ?
			pattern[len] | 0x20 :
			pattern[len]);
	return add_tokens(tokens, slice_of(small, len));
}

/* "abuse@" of a rule's abuse@example.org: by it the address is told from a stranger's. */
static bool
add_local_part(struct tokens *tokens, struct slice text)
{
	ptrdiff_t at = slice_find_byte(text, '@');
	ptrdiff_t from = at;

	while (from > 0 && (byte_kinds[(uint8_t)text.at[from - 1]] & WORD_BYTE) != 0)
		from--;
	return from == at || tokens_add(tokens, slice_of(text.at + from, (size_t)(at - from) + 1));
}

bool
cache_init(struct cache *cache, const struct rule_set *set)
{
	if (getrandom(cache->secrets, sizeof(cache->secrets), GRND_NONBLOCK) !=
	    sizeof(cache->secrets))
		cache->secrets[0] = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15;
	for (uint32_t i = 0; i < set->words.count; i++)
		if ((set->word_kind[i] & WORD_OF_RULE) != 0 &&
		    (!add_tokens(&cache->tokens, words_get(&set->words, i)) ||
			!add_local_part(&cache->tokens, words_get(&set->words, i))))
			return false;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rules[i];

		for (uint32_t p = 0; p < rule->pattern_count; p++)
			if (!add_tokens_of_pattern(&cache->tokens, rule->patterns[p]))
				return false;
		if (!told_names_add(&cache->hosts, rule->hosts) ||
		    !told_names_add(&cache->domains, rule->domains))
			return false;
	}
	for (char digit = '0'; digit <= '9'; digit++)
		if (tokens_hold(&cache->tokens, slice_of(&digit, 1)))
			cache->known_digits |= 1u << (digit - '0');
	return true;
}

void
cache_clear(struct cache *cache)
{
	tokens_clear(&cache->tokens);
	told_names_clear(&cache->hosts);
	told_names_clear(&cache->domains);
}

static void
put(struct prepared *plain, struct slice text)
{
	if (text.len > sizeof(plain->text) - 1 - plain->len)
		text.len = sizeof(plain->text) - 1 - plain->len;
	memcpy(plain->text + plain->len, text.at, text.len);
	plain->len += text.len;
}

static size_t
count_last_digits(struct slice token)
{
	size_t digits = 0;

	while (digits < token.len && is_digit(token.at[token.len - 1 - digits]))
		digits++;
	return digits;
}

/* A provider's own code: a word that rules know and a short number behind it, "ipbl0001", "in-1010". */
static bool
is_known_code(const struct cache *cache, struct slice word)
{
	size_t digits = count_last_digits(word);
	struct slice name = slice_first(word, word.len - digits);

	if (digits == 0 || digits > CODE_NUMBER_MAX)
		return false;
	if (name.len != 0 && name.at[name.len - 1] == '-')
		name.len--;
	return tokens_hold(&cache->tokens, name);
}

/* How much of the token's front is a long word that rules know: "sendasdenied" of "sendasdeniedexception". */
static size_t
known_front(const struct cache *cache, struct slice token)
{
	for (size_t len = token.len < LONG_WORD_MAX ? token.len : LONG_WORD_MAX; len >= LONG_WORD;
	     len--)
		if (tokens_hold(&cache->tokens, slice_first(token, len)))
			return len;
	return 0;
}

/* One token of a word; of addresses and host names only what rules know is kept. */
static void
put_token(const struct cache *cache, struct slice token, bool is_in_address, struct prepared *plain)
{
	size_t digits = 0;

	for (size_t i = 0; i < token.len; i++)
		digits += is_digit(token.at[i]);
	bool is_number = digits == token.len && token.len >= LONG_NUMBER;
	bool is_mixture = digits != 0 && digits != token.len && token.len >= LONG_MIXTURE;
	size_t front = is_in_address && digits == 0 ? known_front(cache, token) : 0;
	if (front != 0)
		put(plain, slice_first(token, front));
	else if ((!is_in_address && !is_number && !is_mixture) ||
	    tokens_hold(&cache->tokens, token))
		put(plain, token);
	else
		put(plain, is_number ? SLICE("0000") : SLICE("x"));
}

/* Four numbers of one to three digits. */
static bool
is_quad(struct slice word)
{
	unsigned dots = 0, digits = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] == '.' && digits != 0) {
			dots++;
			digits = 0;
		} else if (!is_digit(word.at[i]) || ++digits > 3) {
			return false;
		}
	}
	return dots == 3 && digits != 0;
}

/* Of an address, whose it is says nothing unless a rule names him. */
static void
put_word(const struct cache *cache, struct slice word, struct prepared *plain)
{
	/* A full stop belongs to the sentence. */
	bool has_stop = word.len != 0 && word.at[word.len - 1] == '.';
	struct slice name = slice_first(word, word.len - has_stop);
	ptrdiff_t at = slice_find_byte(word, '@');
	bool is_address = at >= 0 || slice_find_byte(name, '.') > 0;

	if (is_quad(name) && !tokens_hold(&cache->tokens, name)) {
		put(plain, SLICE("0.0.0.0"));
		put(plain, slice_skip(word, name.len));
		return;
	}
	if (!is_address && is_known_code(cache, word)) {
		put(plain, word);
		return;
	}
	if (at > 0 && !tokens_hold(&cache->tokens, slice_first(word, (size_t)at + 1))) {
		put(plain, SLICE("x"));
		word = slice_skip(word, (size_t)at);
	}
	while (!slice_is_empty(word)) {
		struct slice token = take_while(&word, TOKEN_BYTE);

		if (token.len != 0)
			put_token(cache, token, is_address, plain);
		put(plain, slice_first(word, token.len == 0 ? 1 : 0));
		word = slice_skip(word, token.len == 0 ? 1 : 0);
	}
}

/* Two dots stand in no address: "not allowed...x@y.example" is the end of a sentence, and an address. */
static void
put_words(const struct cache *cache, struct slice words, struct prepared *plain)
{
	for (ptrdiff_t at; (at = slice_find(words, SLICE(".."))) >= 0;) {
		put_word(cache, slice_first(words, (size_t)at), plain);
		words = slice_skip(words, (size_t)at);
		while (slice_take_prefix(&words, SLICE(".")))
			put(plain, SLICE("."));
	}
	put_word(cache, words, plain);
}

/* Where the next byte stands that makes a word more than a word; len where none does. */
static size_t
find_telling(const char *text, size_t from, size_t len)
{
#if defined(__SSE2__)
	for (; from + 16 <= len; from += 16) {
		__m128i lanes = _mm_loadu_si128((const __m128i *)(const void *)(text + from));
		__m128i above = _mm_sub_epi8(lanes, _mm_set1_epi8('0'));
		__m128i digits = _mm_cmpeq_epi8(above, _mm_min_epu8(above, _mm_set1_epi8(9)));
		unsigned fits = (unsigned)_mm_movemask_epi8(digits) |
		    slice_lanes(text + from, '@') | slice_lanes(text + from, '.');

		if (fits != 0)
			return from + (size_t)__builtin_ctz(fits);
	}
#endif
	while (from < len && (byte_kinds[(uint8_t)text[from]] & TELLING_BYTE) == 0)
		from++;
	return from;
}

/* "550" or "5.1.1" of digits that rules know: most words with digits are codes, and stay as they are. */
static bool
is_code(const struct cache *cache, struct slice word)
{
	if (word.len == 3)
		return is_digit(word.at[0]) && is_digit(word.at[1]) && is_digit(word.at[2]);
	if (word.len != 5)
		return false;
	for (size_t i = 0; i < word.len; i += 2)
		if (!is_digit(word.at[i]) || (cache->known_digits >> (word.at[i] - '0') & 1) == 0)
			return false;
	return word.at[1] == '.' && word.at[3] == '.';
}

void
cache_simplify(const struct cache *cache, const struct prepared *prepared, struct prepared *plain)
{
	const char *text = prepared->text;
	size_t put_to = 0; /* what stands before it is in the plain form */

	plain->failure = prepared->failure;
	plain->reply = prepared->reply;
	plain->host = prepared->host;
	plain->len = 0;
	for (size_t from, to = 0;
	     (from = to = find_telling(text, to, prepared->len)) < prepared->len;) {
		while (from > put_to && byte_kinds[(uint8_t)text[from - 1]] != 0)
			from--;
		while (to < prepared->len && byte_kinds[(uint8_t)text[to]] != 0)
			to++;
		if (is_code(cache, slice_of(text + from, to - from)))
			continue;
		put(plain, slice_of(text + put_to, from - put_to));
		put_words(cache, slice_of(text + from, to - from), plain);
		put_to = to;
	}
	put(plain, slice_of(text + put_to, prepared->len - put_to));
	plain->text[plain->len] = '\0';
}

size_t
cache_simplify_address(const struct cache *cache, struct slice address, char *to)
{
	struct prepared plain;

	plain.len = 0;
	put_words(cache, address, &plain);
	memcpy(to, plain.text, plain.len);
	return plain.len;
}

/* A hash under way; its secret keeps anybody from choosing words that undo what was mixed in before. */
struct hash {
	uint64_t value, secret;
};

/* Both halves of the product. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 uint128;
	uint128 product = (uint128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline void
mix(struct hash *hash, uint64_t value)
{
	hash->value = fold(hash->value ^ 0x9e3779b97f4a7c15, value ^ hash->secret);
}

/* Sixteen bytes, or two pieces of fewer. */
static inline void
mix_pair(struct hash *hash, const char *first, const char *second)
{
	uint64_t words[2];

	memcpy(&words[0], first, sizeof(words[0]));
	memcpy(&words[1], second, sizeof(words[1]));
	hash->value = fold(words[0] ^ hash->secret, words[1] ^ hash->value);
}

static void
mix_bytes(struct hash *hash, struct slice text)
{
	enum { WORD = 8 };

	mix(hash, text.len);
	if (text.len < WORD) {
		mix(hash, slice_short_word(text.at, text.len));
		return;
	}
	for (size_t at = 0; at + 2 * WORD < text.len; at += 2 * WORD)
		mix_pair(hash, text.at + at, text.at + at + WORD);
	/* The last ones, some of which may have been taken already. */
	mix_pair(hash, text.at + (text.len < 2 * WORD ? 0 : text.len - 2 * WORD),
	    text.at + text.len - WORD);
}

static void
mix_number(void *context, uint32_t number)
{
	mix(context, number);
}

/* A name counts by the conditions of rules that it meets. */
static void
mix_name(struct hash *hash, const struct told_names *told, struct slice name, name_fits_fn *fits)
{
	told_names_meet(told, name, fits, mix_number, hash);
	mix(hash, 0);
}

uint64_t
cache_first_key(const struct cache *cache, const struct failure *failure,
    const struct addressee *addressee)
{
	struct hash hash = {cache->secrets[1], cache->secrets[0]};
	struct slice text = failure->message,
		     known = slice_of(addressee->known, addressee->known_len);
	size_t from = 0, at;

	mix(&hash, (uint64_t)failure->kind << 32 | (uint32_t)failure->error_number);
	mix(&hash, failure->has_error_number);
	mix_bytes(&hash, failure->router);
	mix_bytes(&hash, failure->transport);
	/* Without one it is that of the text. */
	if (failure->host.len != 0)
		mix_name(&hash, &cache->hosts, failure->host, host_has_suffix);
	mix_name(&hash, &cache->domains, failure->domain, domain_fits);
	for (at = addressee->first; at < text.len; at = addressee_next(addressee, text, from)) {
		mix_bytes(&hash, slice_of(text.at + from, at - from));
		mix_bytes(&hash, known);
		from = at + addressee->address.len;
	}
	mix_bytes(&hash, slice_skip(text, from));
	return hash.value != 0 ? hash.value : 1;
}

uint64_t
cache_key(const struct cache *cache, const struct prepared *plain)
{
	const struct failure *failure = plain->failure;
	const struct reply *reply = &plain->reply;
	struct hash hash = {cache->secrets[0], cache->secrets[1]};

	mix(&hash, (uint64_t)failure->kind << 32 | (uint64_t)reply->phase);
	mix(&hash,
	    failure->has_error_number ? (uint64_t)(uint32_t)failure->error_number | 1ull << 32 : 0);
	mix(&hash,
	    (uint64_t)reply->code << 48 | (uint64_t)reply->enhanced.class << 32 |
		(uint64_t)reply->enhanced.subject << 16 | reply->enhanced.detail);
	mix_bytes(&hash, failure->router);
	mix_bytes(&hash, failure->transport);
	mix_name(&hash, &cache->hosts, plain->host, host_has_suffix);
	mix_name(&hash, &cache->domains, failure->domain, domain_fits);
	mix_bytes(&hash, slice_of(plain->text, plain->len));
	return hash.value != 0 ? hash.value : 1;
}

bool
cache_find(const struct cache *cache, uint64_t key, struct classification *out)
{
	const struct cache_entry *bucket = cache->buckets[key % CACHE_BUCKETS];

	for (int way = 0; way < CACHE_WAYS; way++) {
		if (bucket[way].key == key) {
			*out = bucket[way].found;
			return true;
		}
	}
	return false;
}

void
cache_put(struct cache *cache, uint64_t key, const struct classification *found)
{
	struct cache_entry *bucket = cache->buckets[key % CACHE_BUCKETS];

	memmove(bucket + 1, bucket, (CACHE_WAYS - 1) * sizeof(*bucket));
	bucket[0] = (struct cache_entry){key, *found};
}
