/* busy_log: writes the log of a busy week, the same one for the same seed: busy_log MESSAGES [SEED [START]] >FILE 2>ACCOUNT. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	WEEK = 7 * 24 * 3600,
	START = 1795000000, /* 2026-11-18 in UTC; where no other second is asked for */
	IN_FLIGHT = 64,     /* messages whose lines interleave */
	LOCAL_DOMAINS = 400,
	REMOTE_DOMAINS = 20000,
};

static uint64_t state;

/* SplitMix64. */
static uint64_t
next_random(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static unsigned
below(unsigned limit)
{
	return (unsigned)(next_random() % limit);
}

/* Two thirds of the mail go to and come from a dozen large providers, the rest to many small domains. */
static unsigned
remote_domain(void)
{
	return below(3) != 0 ? below(12) : below(REMOTE_DOMAINS);
}

/* The lower, the more often. */
static unsigned
skewed(unsigned limit)
{
	unsigned a = below(limit), b = below(limit), c = below(limit);

	a = a < b ? a : b;
	return a < c ? a : c;
}

struct message {
	char id[24];
	char sender[64], recipient[64], host[64];
	unsigned ip, remote_ip;
	int step;
	enum fate { DELIVERED, BOUNCED, DEFERRED, LOCAL, DISCARDED } fate;
	unsigned number;
};

/* What has been written, for a bench to check answers against. */
static struct {
	uint64_t lines, finished[DISCARDED + 1];
} account;

/* A remote's words; @ stands for the recipient. */

static const char *const bounces[] = {
    "550 5.1.1 <@>: Recipient address rejected: User unknown in virtual mailbox table",
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\\n550 5.1.1 double-checking the recipient's email address. @ - gsmtp",
    "552 5.2.2 <@>: Mailbox is full",
    "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; <@>",
    "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy. @",
};

static const char *const deferrals[] = {
    "450 4.2.0 <@>: Recipient address rejected: Greylisted, see http://postgrey.example.org/",
    "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to user complaints - @",
    "451 4.3.0 <@>: Temporary lookup failure",
};

/* Writes such words with the recipient in its place. */
static const char *
words(const char *text, const char *recipient)
{
	static char out[512];
	size_t len = 0;

	for (; *text != '\0' && len + 80 < sizeof(out); text++) {
		if (*text == '@')
			len += (size_t)sprintf(out + len, "%s", recipient);
		else
			out[len++] = *text;
	}
	out[len] = '\0';
	return out;
}

static char *
digits62(uint64_t value, int count, char *to)
{
	static const char digits[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (int i = count - 1; i >= 0; i--, value /= 62)
		to[i] = digits[value % 62];
	return to + count;
}

static void
begin(struct message *message, unsigned number, int64_t now)
{
	char *to = message->id;

	to = digits62((uint64_t)now, 6, to);
	*to++ = '-';
	to = digits62(number, 11, to);
	*to++ = '-';
	to = digits62(below(62 * 62), 4, to);
	*to = '\0';
	message->number = number;
	message->step = 0;
	message->ip = below(250) + 1;
	unsigned fate = below(1000);
	message->fate = fate < 650 ? DELIVERED :
	    fate < 700             ? BOUNCED :
	    fate < 740             ? DEFERRED :
	    fate < 980             ? LOCAL :
				     DISCARDED;
	unsigned local = skewed(LOCAL_DOMAINS), remote = remote_domain();
	snprintf(message->sender, sizeof(message->sender), "user%u@customer%u.example", below(20),
	    local);
	if (message->fate == LOCAL || message->fate == DISCARDED) {
		snprintf(message->recipient, sizeof(message->recipient), "box%u@customer%u.example",
		    below(30), skewed(LOCAL_DOMAINS));
		snprintf(message->sender, sizeof(message->sender), "writer%u@remote%u.example.net",
		    below(100000), remote);
	} else {
		snprintf(message->recipient, sizeof(message->recipient),
		    "reader%u@remote%u.example.net", below(200000), remote);
	}
	unsigned exchanger = below(3);
	snprintf(message->host, sizeof(message->host), "mx%u.remote%u.example.net", exchanger,
	    remote);
	message->remote_ip = (remote * 3 + exchanger) % 250 + 1;
}

static void
stamp(int64_t now)
{
	static int64_t last;
	static char text[32];

	if (now != last) {
		time_t at = (time_t)now;
		struct tm fields;

		gmtime_r(&at, &fields);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S ", &fields);
		last = now;
	}
	fputs(text, stdout);
}

/* Writes the next line of the message. False when it was the last. */
static bool
step(struct message *message, int64_t now)
{
	stamp(now);
	account.lines++;
	switch (message->step++) {
	case 0:
		printf(
		    "%s <= %s H=host%u.example.org (host%u.example.org) [198.51.100.%u]:%u P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=dovecot_login:%s S=%u id=%016" PRIx64
		    "@host%u.example.org T=\"Your order %u has been sent on its way\" for %s\n",
		    message->id, message->sender, message->ip, message->ip, message->ip,
		    1024 + below(60000), message->sender, 500 + below(90000), next_random(),
		    message->ip, below(100000), message->recipient);
		return true;
	case 1:
		printf("cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc %s\n", message->id);
		return true;
	case 2:
		if (message->fate == LOCAL || message->fate == DISCARDED) {
			message->step++;
			printf("%s Sender identification U=cust%u D=customer%u.example S=%s\n",
			    message->id, message->number % LOCAL_DOMAINS,
			    message->number % LOCAL_DOMAINS, message->sender);
			return true;
		}
		printf("%s SMTP connection outbound %" PRIi64 " %s customer%u.example %s\n",
		    message->id, now, message->id, message->number % LOCAL_DOMAINS,
		    message->recipient);
		message->step++;
		return true;
	case 4:
		switch (message->fate) {
		case DELIVERED:
			printf(
			    "%s => %s R=dkim_lookuphost T=dkim_remote_smtp H=%s [203.0.113.%u] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 2.0.0 Ok: queued as %08X\"\n",
			    message->id, message->recipient, message->host, message->remote_ip,
			    (unsigned)next_random());
			break;
		case LOCAL:
			printf(
			    "%s => %s <%s> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <%s> %08X Saved\"\n",
			    message->id, message->recipient, message->recipient, message->recipient,
			    (unsigned)next_random());
			break;
		case DISCARDED:
			printf("%s => /dev/null <%s> R=virtual_user_filter T=**bypassed**\n",
			    message->id, message->recipient);
			break;
		case BOUNCED:
			printf(
			    "%s ** %s R=dkim_lookuphost T=dkim_remote_smtp H=%s [203.0.113.%u]: SMTP error from remote mail server after RCPT TO:<%s>: %s\n",
			    message->id, message->recipient, message->host, message->remote_ip,
			    message->recipient, words(bounces[below(5)], message->recipient));
			break;
		case DEFERRED:
			printf(
			    "%s == %s R=dkim_lookuphost T=dkim_remote_smtp defer (-44) H=%s [203.0.113.%u]: SMTP error from remote mail server after RCPT TO:<%s>: %s\n",
			    message->id, message->recipient, message->host, message->remote_ip,
			    message->recipient, words(deferrals[below(3)], message->recipient));
			/* Most come through later; some stay. */
			if (below(10) == 0) {
				account.finished[DEFERRED]++;
				return false;
			}
			message->fate = DELIVERED;
			message->step = 4;
			break;
		}
		return true;
	default:
		printf("%s Completed\n", message->id);
		account.finished[message->fate]++;
		return false;
	}
}

int
main(int argc, char **argv)
{
	static struct message flight[IN_FLIGHT];
	static bool is_busy[IN_FLIGHT];
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	unsigned begun = 0, busy = 0;

	static char buffer[1 << 20];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int64_t start = argc > 3 ? strtoll(argv[3], NULL, 10) : START;
	while (begun < count || busy != 0) {
		unsigned slot = below(IN_FLIGHT);
		int64_t now = start + (int64_t)((double)begun / count * WEEK);

		if (!is_busy[slot]) {
			if (begun == count)
				continue;
			begin(&flight[slot], begun++, now);
			is_busy[slot] = true;
			busy++;
		}
		if (!step(&flight[slot], now)) {
			is_busy[slot] = false;
			busy--;
		}
	}
	fprintf(stderr,
	    "{\"messages\": %u, \"lines\": %" PRIu64 ", \"delivered\": %" PRIu64
	    ", \"bounced\": %" PRIu64 ", \"discarded\": %" PRIu64 ", \"deferred\": %" PRIu64 "}\n",
	    count, account.lines, account.finished[DELIVERED] + account.finished[LOCAL],
	    account.finished[BOUNCED], account.finished[DISCARDED], account.finished[DEFERRED]);
	return fflush(stdout) == 0 ? 0 : 1;
}
