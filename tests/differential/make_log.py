#!/usr/bin/env python3
# Makes up Exim logs of many versions and settings, full of traps, together with the truth about them.
# SPDX-License-Identifier: Apache-2.0
"""make_log.py SEED MESSAGES LOG [GOLD]

Writes a log of about MESSAGES interleaved messages to LOG (compressed if it ends in .gz) and, to GOLD,
what slow_reader.py should say of it. The same SEED makes the same log. Half-way the imaginary server is
updated: other log_selector, other Exim, and, where that is the case, other message ids, while messages
that arrived before go on.
"""
import gzip
import json
import random
import sys
import time

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

REFUSALS = (
    "550 5.1.1 <x>: Recipient address rejected: User unknown", "553 sorry, unknown email address;",
    "550-5.7.26 not accepted due to\\n550-5.7.26 domain's DMARC policy.\\n550 5.7.26 a1-20020a05 - gsmtp",
    "552 5.2.2 Mailbox full / over quota", "554 Blocked: H=bad.example [203.0.113.9]: R=x T=y",
    "550 \"quoted\" 1VrkAf-0007F8-30 Completed", "550 <= a@b.example => c@d.example ** no == really")
DEFERRALS = (
    "450 4.2.0 Greylisted, see http://postgrey.example/", "451 4.3.0 later: retry time not reached",
    "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred", "452 4.2.2 over quota for H=x [192.0.2.1]")
SUBJECTS = (  # as logged, and as meant
    *((plain, plain) for plain in (
        "hello", "", "Offer for you for free@example.net", "Re: R=1VrkAf-0007F8-30 T=x", "Completed",
        "2026-11-23 20:36:34 1VrkAf-0007F8-30 ** victim@example.org R=x: 550", "<= fake@example.org H=x [192.0.2.66]",
        "caf\u00e9 \u202e txt")),
    ('say \\"hi\\" for all@example.org', 'say "hi" for all@example.org'), ("back\\\\slash for x@example.net", "back\\slash for x@example.net"),
    ('\\" T=\\"fake\\" for victim@example.org', '" T="fake" for victim@example.org'),
    ("caf\\303\\251 \\342\\202\\254 5", "caf\u00e9 \u20ac 5"), ("folded\\n\\there", "folded\n\there"), ("no octal \\\\303 here", "no octal \\303 here"))
HELOS = ("client.example", "[10.0.0.1]", "a b", "1VrkAf-0007F8-30", "x R=y T=z", "=> a@example.org", "user-PC",
         "x) [192.0.2.66] P=esmtp (y", "rejected after DATA: no", "[IPv6:2001:db8::1]", "r\u00e9seau", '"', "F=<a@b>")
NOISE = (
    "SMTP connection from [198.51.100.7]:4471 (TCP/IP connection count = 3)",
    "SMTP connection from (x) [198.51.100.7]:4471 closed by QUIT",
    "H=(helo) [198.51.100.7]:4471 F=<a@example.org> rejected RCPT <b@example.com>: No Such User Here",
    "H=(x) [192.0.2.66] rejected RCPT <y) [198.51.100.7] F=<> rejected RCPT <\"a>b\"@example.com>",
    'H=x (y z) [198.51.100.7] I=[192.0.2.10]:25 X=TLS1.3:AES:256 CV=no DN="CN=a F=<b>" F=<a@example.org> A=plain:u rejected RCPT <b@example.com>: no',
    "H=h.example [198.51.100.7]:4471 F=<s@example.org> rejected RCPT x@example.com: without its brackets",
    "H=[2001:db8::7]:4471 rejected MAIL <spammer@example.org>: Sender domain is on the block list",
    "H=h.example [198.51.100.7]:4471 F=<s@example.org> temporarily rejected RCPT <x@example.com>: remote host address is the local host",
    "dovecot_login authenticator failed for (x) [198.51.100.7]:4471: 535 Incorrect authentication data (set_id=a@example.com)",
    "Start queue run: pid=4711", "End queue run: pid=4711", "no host name found for IP address 198.51.100.7",
    "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1Vykza-0005s5-La",
    "SMTP syntax error in \"1VrkAf-0007F8-30 <= a@b\" H=(x) [198.51.100.7] NULL character(s) present",
    "spamd[17011]: config: SpamAssassin failed to parse line, skipping: score 2",
    "unexpected disconnection while reading SMTP command from (1VrkAf-0007F8-30 Completed) [198.51.100.7] D=1s",
    "TLS error on connection from x.example [198.51.100.7] (recv): The TLS connection was non-properly terminated.")
CONTINUATIONS = (
    "1VrkAf-0007F8-30 => nobody@example.org R=x T=y", "*** truncated ***", "", "   at expansion of ${lookup", "|bounce text|",
    "2026-11-23", "== nobody@example.org R=x T=y defer (-1): no", "\x00\x01binary", "Completed")


class Style:
    """One version of Exim with one log_selector."""

    def __init__(self, rng):
        self.new_ids = rng.random() < 0.5
        # Which words: 2013 (host in the text), 4.8x (host in a field), 4.9x (blank before the colon in some builds).
        self.generation = 2 if self.new_ids else rng.choice((0, 1, 2))
        for switch, chance in (
                ("millisec", .3), ("zone", .3), ("pid", .3), ("subject", .8), ("recipients", .8), ("received_sender", .2),
                ("all_parents", .5), ("sender_on_delivery", .3), ("return_path", .3), ("incoming_port", .7), ("interface", .2),
                ("confirmation", .8), ("delivery_size", .3), ("queue_time", .3), ("deliver_time", .3), ("outgoing_port", .2),
                ("message_id", .8), ("tls", .5), ("dnssec", .2), ("queue_name", .1), ("carriage_returns", .05)):
            setattr(self, switch, rng.random() < chance)


class Gold:
    """What is true of a message, kept while its lines are written."""

    def __init__(self, message_id):
        self.id = message_id
        self.sender = self.completed = self.bounce_of = self.bounced_by = None
        self.verdict = "in-transit"
        self.arrival = dict.fromkeys(("subject", "size", "from_ip", "user", "protocol", "auth"))
        self.recipients = {}

    def expect(self, address):
        self.recipients.setdefault((address, None), {"outcome": "unknown", "attempts": 0, "at": (None,) * 4})

    def line(self, address, original, outcome, at, is_news=True):
        if original is not None:
            self.recipients.pop((original, None), None) if self.is_open(original) else None
        entry = self.recipients.setdefault((address, original), {"outcome": "", "attempts": 0, "at": at})
        entry["outcome"] = outcome
        entry["attempts"] += 1
        entry["routing"] = outcome == "deferred" and at[1] is None
        if is_news or entry["attempts"] == 1:
            entry["at"] = at

    def is_open(self, address):
        entry = self.recipients.get((address, None))
        return entry and (entry["outcome"] == "unknown" or entry.get("routing"))

    def close(self, outcome):
        for entry in self.recipients.values():
            if entry["outcome"] in ("unknown", "deferred"):
                entry["outcome"] = outcome

    def story(self):
        return {"id": self.id, "sender": self.sender, "completed": self.completed, "verdict": self.verdict,
                "bounce_of": self.bounce_of, "bounced_by": self.bounced_by, **self.arrival,
                "recipients": [
                    {"address": address, "original": original, "outcome": entry["outcome"], "attempts": entry["attempts"],
                     "router": entry["at"][0], "transport": entry["at"][1], "host": entry["at"][2], "ip": entry["at"][3]}
                    for (address, original), entry in self.recipients.items()]}


class World:
    """The server, its clock, and the log that grows."""

    def __init__(self, seed, count):
        self.rng = random.Random(seed)
        self.begin = self.rng.choice((1386979317, 1700000000, 1795465000)) + self.rng.randrange(10 ** 6)
        self.span = max(600, count)
        self.styles = (Style(self.rng), Style(self.rng))
        self.lines = []
        self.stories = []
        self.used = set()

    def style(self, at):
        return self.styles[at >= self.begin + self.span / 2]

    def stamp(self, at):
        style = self.style(at)
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
        text += f".{int(at * 1000) % 1000:03d}" if style.millisec else ""
        text += " +0000" if style.zone else ""
        return text + (f" [{self.rng.randrange(300, 4 * 10 ** 6)}]" if style.pid else "")

    def log(self, at, text):
        self.lines.append((at, len(self.lines), f"{self.stamp(at)} {text}"))

    def new_id(self, at):
        while True:
            second, digits = int(at), ""
            for _ in range(6):
                second, digit = divmod(second, 62)
                digits = BASE62[digit] + digits
            widths = (11, 4) if self.style(at).new_ids else (6, 2)
            name = "-".join([digits] + ["".join(self.rng.choices(BASE62, k=width)) for width in widths])
            if name not in self.used:
                self.used.add(name)
                return name


class Message:
    """One message on its way through the server."""

    def __init__(self, world, at, sender, reference=None):
        self.world, self.rng = world, world.rng
        self.at = at
        self.sender = sender
        self.reference = reference
        self.gold = Gold(world.new_id(at))
        self.original_of = {}
        world.stories.append(self.gold)

    @property
    def style(self):
        return self.world.style(self.at)

    def pause(self, longest=2.0):
        self.at += self.rng.random() * longest

    def log(self, text):
        self.world.log(self.at, f"{self.gold.id} {text}")

    # -- arrival

    def arrive(self, recipients, flag="<=", is_logged=True):
        style, rng, told = self.style, self.rng, {}
        if rng.random() < .2:
            self.log(f'H=({rng.choice(HELOS)}) [198.51.100.7]:4471 Warning: "SpamAssassin as u detected message as NOT spam (0.{rng.randrange(9)})"')
        text = f"{flag} {self.sender}"
        text += f" R={self.reference}" if self.reference else ""
        if self.sender == "<>" or rng.random() < .3:
            text += " U=mailnull P=local"
            told.update(user="mailnull", protocol="local")
        else:
            port = f":{rng.randrange(1024, 65535)}" if style.incoming_port else ""
            address = rng.choice(("198.51.100.7", "2001:db8::25"))
            text += f" H={rng.choice(('', 'h.example '))}({rng.choice(HELOS)}) [{address}]{port}"
            text += " I=[192.0.2.10]:25 Ci=4711" if style.interface else ""
            told.update(from_ip=address, protocol=rng.choice(("esmtp", "esmtps", "esmtpsa")),
                        auth=rng.choice((None, "dovecot_login:someone@example.com", "dovecot_plain:u:x@example.com")))
            text += f" P={told['protocol']}"
            if style.tls:
                text += ' X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no DN="C=US,O=Example for you, Inc. T=x,CN=mx example"'
            text += f" A={told['auth']}" if told["auth"] else ""
            text += rng.choice(("", " K", " PRDR"))
        told["size"] = rng.randrange(300, 10 ** 6)
        text += f" S={told['size']}"
        text += " RT=0.1s Q=slow" if style.queue_name else ""
        if style.message_id:
            text += rng.choice((" id=abc.123@client.example", " id*=E1a@server.example",
                                ' id="odd for x T=1"@client.example', " id=a+b=c@[192.0.2.1]"))
        if style.subject:
            shown, told["subject"] = rng.choice(SUBJECTS)
            text += f' T="{shown}"'
        text += f" from <{self.sender.strip('<>')}>" if style.received_sender else ""
        if style.recipients:
            text += " for " + " ".join(recipients)
        if is_logged:
            self.log(text)
            self.gold.sender = self.sender
            self.gold.arrival.update(told)
            if style.recipients:
                for address in recipients:
                    self.gold.expect(address)
        self.pause()

    # -- delivery lines

    def shown(self, address, original, parents=(), is_local=False):
        """As deliver.c's string_log_address does it: the local part without its quotes, and in lower case."""
        text = address
        if address[0] not in "/|>:":
            local_part, _, domain = address.rpartition("@")
            text = local_part.strip('"').lower() + "@" + domain.lower()
            if text != address and original is None:
                original = address
        if is_local:
            text = text.rpartition("@")[0]
        if self.style.all_parents and parents:
            text += " (" + ", ".join(parents) + ")"
        if original is not None or is_local:
            text += f" <{original or address}>"
        return text

    def common(self):
        text = f" F=<{self.sender.strip('<>')}>" if self.style.sender_on_delivery else ""
        if text and self.gold.sender is None:
            self.gold.sender = self.sender
        text += " Q=slow" if self.style.queue_name else ""
        return text + (f" P=<{self.sender.strip('<>')}>" if self.style.return_path else "")

    def host(self):
        number = self.rng.randrange(1, 250)
        return f"mx{number}.example.net", self.rng.choice((f"192.0.2.{number}", f"2001:db8::{number:x}"))

    def host_field(self, host, again=False):
        text = f" H={host[0]}" + (" DS" if self.style.dnssec else "") + f" [{host[1]}]"
        text += (":25" if self.style.outgoing_port else "") + ("*" if again else "")
        return text + (" PRX=[192.0.2.99]:1080 I=[192.0.2.10]:4711 TFO*" if self.style.interface else "")

    def tail(self):
        text = f" QT={self.rng.randrange(1, 99)}s" if self.style.queue_time else ""
        return text + (" DT=0.1s" if self.style.deliver_time else "")

    def sent(self, address, original=None, parents=(), host=None, flag="=>"):
        host = host or self.host()
        text = f"{flag} {self.shown(address, original, parents)}{self.common()} R=dkim_lookuphost T=dkim_remote_smtp"
        text += f" S={self.rng.randrange(300, 9999)}" if self.style.delivery_size else ""
        text += self.host_field(host, again=self.rng.random() < .1)
        if self.style.tls:
            text += ' X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN="CN=mx for R=x, O=T=y"'
        text += ' C="250 2.0.0 OK id=1VrkAf-0007F8-30 \\"queued\\" H=x [192.0.2.99]"' if self.style.confirmation else ""
        self.log(text + self.tail())
        self.gold.line(address, original, "delivered", ("dkim_lookuphost", "dkim_remote_smtp") + host)

    def boxed(self, address, original=None, parents=()):
        # A successful local delivery shows the local part only, so the domain must be the original's to be known.
        text = f"=> {self.shown(address, original, parents, is_local=True)}{self.common()}"
        self.log(text + " R=virtual_user T=dovecot_virtual_delivery" + self.tail())
        self.gold.line(address, original, "delivered", ("virtual_user", "dovecot_virtual_delivery", None, None))

    def special(self, final, original, flag="=>", router="virtual_aliases", transport=None, parents=(), error=None):
        outcome = {"**": "bounced", "==": "deferred"}.get(flag, "delivered")
        if outcome == "delivered" and final in ("/dev/null", ":blackhole:"):
            outcome = "discarded"
        common = self.common() if flag != "==" else ""
        text = f"{flag} {self.shown(final, original, parents)}{common} R={router}"
        text += f" T={transport}" if transport else ""
        self.log(text + (error or self.tail()))
        self.gold.line(final, original, outcome, (router, transport, None, None))

    def smtp_error(self, address, reply, phase=None):
        words = "mailer" if self.style.generation == 0 else "mail server"
        phase = phase or self.rng.choice((
            "initial connection", "HELO server.example.com", f"MAIL FROM:<{self.sender.strip('<>')}> SIZE=1024",
            f"RCPT TO:<{address}>", f"pipelined RCPT TO:<{address}>", "end of data", "pipelined end of data", "DATA"))
        return f"SMTP error from remote {words} after {phase}", reply

    def refused(self, address, original=None, parents=()):
        host = self.host()
        words, reply = self.smtp_error(address, self.rng.choice(REFUSALS))
        text = f"** {self.shown(address, original, parents)}{self.common()} R=dkim_lookuphost T=dkim_remote_smtp"
        if self.style.generation == 0:
            text += f": {words}: host {host[0]} [{host[1]}]: {reply}"
        else:
            text += self.host_field(host) + (" X=TLS1.3:AES:256 CV=no" if self.style.tls else "")
            text += (" : " if self.style.generation == 2 and self.style.deliver_time else ": ") + f"{words}: {reply}"
        self.log(text + (" DT=0.1s" if self.style.deliver_time else ""))
        self.gold.line(address, original, "bounced", ("dkim_lookuphost", "dkim_remote_smtp") + host)

    def trouble(self, host, words, reply):
        if self.style.generation == 0:
            self.log(f"{words}: host {host[0]} [{host[1]}]: {reply}")
        else:
            self.log(f"H={host[0]} [{host[1]}]: {words}: {reply}")

    def put_off(self, address, original=None, parents=(), host=None):
        """One try at a remote server that fails for now."""
        at = ("dkim_lookuphost", "dkim_remote_smtp")
        took = " DT=0.1s" if self.style.deliver_time and self.style.generation == 2 else ""
        start = f"== {self.shown(address, original, parents)} R={at[0]} T={at[1]} defer "
        kind = self.rng.randrange(5)
        host = host or self.host()
        if kind == 0:
            number, words = self.rng.choice(((111, "Connection refused"), (110, "Connection timed out"), (113, "No route to host")))
            self.log(f"H={host[0]} [{host[1]}] {words}")
            if self.style.generation == 2:
                self.log(f"{start}({number}): {words}{self.host_field(host)}{took}" + (
                    ": SMTP timeout after initial connection" if number == 110 else ""))
            else:
                self.log(f"{start}({number}): {words}")
                host = (None, None)
        elif kind == 1:
            self.log(f"{start}(-54){took}: retry time not reached for any host for 'example.net'")
            self.gold.line(address, original, "deferred", at + (None, None), is_news=False)
            return
        elif kind == 2:
            at = ("dkim_lookuphost", None)
            host = (None, None)
            self.log(f"== {self.shown(address, original, parents)} R=dkim_lookuphost defer (-1){took}: host lookup did not complete")
        else:
            words, reply = self.smtp_error(address, self.rng.choice(DEFERRALS))
            if self.rng.random() < .5:
                self.trouble(host, words, reply)
            if self.style.generation == 0:
                self.log(f"{start}(-44): {words}: host {host[0]} [{host[1]}]: {reply}")
            else:
                self.log(f"{start}(-44){self.host_field(host)}{took}: {words}: {reply}")
        self.gold.line(address, original, "deferred", at + host)

    def expire(self, address, original=None):
        self.log(f"** {self.shown(address, original)}: retry timeout exceeded")
        self.gold.line(address, original, "bounced", (None,) * 4, is_news=False)

    # -- the end

    def complete(self):
        self.pause(.5)
        self.log("Completed" + (f" QT={self.rng.randrange(1, 99)}s" if self.style.queue_time else ""))
        self.gold.completed = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.at))
        self.gold.verdict = self.final_verdict()

    def final_verdict(self):
        outcomes = [entry["outcome"] for entry in self.gold.recipients.values() if entry["outcome"] != "unknown"]
        return "delivered" if not outcomes else outcomes[0] if len(set(outcomes)) == 1 else "partial"

    def send_bounce(self):
        """Exim tells the sender, before it completes the message. Returns the bounce, delivered already."""
        bounce = Message(self.world, self.at, "<>", self.gold.id)
        bounce.arrive([self.sender])
        bounce.gold.bounce_of = self.gold.id
        self.gold.bounced_by = bounce.gold.id
        if self.rng.random() < .8:
            bounce.boxed(self.sender)
            bounce.complete()
        else:
            bounce.refused(self.sender)
            bounce.log("Frozen (delivery error message)")
            bounce.gold.verdict = "frozen"
            if self.rng.random() < .5:
                bounce.pause(100)
                bounce.log("Message is frozen")
            if self.rng.random() < .5:
                bounce.pause(100)
                bounce.log("Unfrozen by errmsg timer")
                bounce.refused(self.sender)
                bounce.log(f"{self.sender}: error ignored")
                bounce.complete()
        self.at = max(self.at, bounce.at)


# ---------------------------------------------------------------------------------------------------
# The stories. Each takes the world and the second in which its message arrives.

def sender_of(rng):
    return rng.choice(("a@example.com", "Someone@Example.COM", "SRS0=x1=TT=example.org=b@example.com", '"odd one"@example.com'))


def remote_names(rng, count):
    names = ["ok", "x+tag", '"a b"', "o'neil", '"q for r"', "SRS0=9=Z=d.example=u", "first.last", "UPPER",
             "m\u00fcller", "a=b", "{curly}", "user%host", "x'y\"z".replace('"', "_"), '"R=x T=y"', '"x> R=z"', '" ** 1VrkAf-0007F8-30"']
    return [f"{name}@example.net" for name in rng.sample(names, count)]


def start(world, at, recipients, **options):
    message = Message(world, at, sender_of(world.rng))
    message.arrive(recipients, **options)
    return message


def to_remote(world, at):
    names = remote_names(world.rng, world.rng.randrange(1, 4))
    message = start(world, at, names)
    host = message.host()
    for number, name in enumerate(names):
        message.sent(name, host=host, flag="->" if number else "=>")
    message.complete()


def to_box(world, at):
    message = start(world, at, ["marv@example.com"])
    message.boxed("marv@example.com")
    message.complete()


def to_alias(world, at):
    message = start(world, at, ["team@example.com"])
    parents = ("staff@example.com",) if world.rng.random() < .5 else ()
    message.boxed("marv@example.com", "team@example.com", parents)
    message.sent("real@example.net", "team@example.com", parents)
    if world.rng.random() < .5:
        message.refused("gone@example.net", "team@example.com", parents)
        message.send_bounce()
    message.complete()


def to_two_aliases(world, at):
    message = start(world, at, ["one@example.com", "two@example.com"])
    message.sent("real@example.net", "one@example.com")
    message.complete()


def to_alias_and_member(world, at):
    """Exim drops the duplicate: one line speaks for both."""
    message = start(world, at, ["team@example.com", "marv@example.com"])
    message.gold.recipients.pop(("marv@example.com", None), None)
    message.boxed("marv@example.com", "team@example.com")
    message.complete()


def to_both_names(world, at):
    message = start(world, at, ["one@example.com", "two@example.com"])
    message.boxed("box1@example.com", "one@example.com")
    message.boxed("box1@example.com", "two@example.com")
    message.complete()


def to_refusing(world, at):
    names = remote_names(world.rng, world.rng.randrange(1, 3))
    message = start(world, at, names)
    for name in names:
        message.refused(name)
    message.send_bounce()
    message.complete()


def to_nowhere(world, at):
    message = start(world, at, ["x@nowhere.example"])
    text, router = world.rng.choice(((" R=virtual_aliases: No Such User Here", "virtual_aliases"), (": Unrouteable address", None)))
    message.log(f"** x@nowhere.example{message.common()}{text}")
    message.gold.line("x@nowhere.example", None, "bounced", (router, None, None, None))
    message.send_bounce()
    message.complete()


def put_off_then(end):
    def story(world, at):
        name = remote_names(world.rng, 1)[0]
        message = start(world, at, [name])
        for _ in range(world.rng.randrange(1, 6)):
            message.put_off(name)
            message.pause(world.span / 10)
        message.gold.verdict = "deferred"
        end(message, name)
    story.__name__ = "put_off_then_" + end.__name__
    return story


def delivered(message, name):
    message.sent(name)
    message.complete()


def waiting(message, name):
    if message.rng.random() < .3:
        message.log("Spool file is locked (another process is handling this message)")


def expired(message, name):
    message.expire(name)
    message.send_bounce()
    message.complete()


def removed(message, name):
    message.log("removed by root")
    message.gold.close("removed")
    message.complete()


def cancelled(message, name):
    message.log("cancelled by root")
    message.gold.close("removed")
    message.send_bounce()
    message.complete()
    message.gold.verdict = "removed"


def frozen(message, name):
    message.log("frozen by root")
    message.pause(50)
    message.log("Message is frozen")
    message.gold.verdict = "frozen"


def thawed(message, name):
    message.log("*** Frozen (message created with -f <>)")
    message.pause(50)
    message.log("Unfrozen by auto-thaw")
    message.put_off(name)


def warned(message, name):
    """The sender is told of the delay: a message with R=, but no bounce."""
    warning = Message(message.world, message.at, "<>", message.gold.id)
    warning.arrive([message.sender])
    warning.boxed(message.sender)
    warning.complete()


def to_waiting_alias(world, at):
    """Deferred in routing under one name, delivered under others."""
    message = start(world, at, ["alias@example.com"])
    for _ in range(world.rng.randrange(1, 4)):
        message.log("== alias@example.com R=virtual_aliases defer (-1): the lookup failed")
        message.gold.line("alias@example.com", None, "deferred", ("virtual_aliases", None, None, None))
        message.pause(60)
    message.sent("real@example.net", "alias@example.com")
    message.put_off("late@example.net", "alias@example.com")
    message.pause(60)
    message.sent("late@example.net", "alias@example.com")
    message.complete()


def through_waiting_alias(world, at):
    """An alias of an alias is deferred in routing, and turns into others later."""
    message = start(world, at, ["alias@example.com"])
    message.log("== mid@example.com <alias@example.com> R=virtual_aliases defer (-1): the lookup failed")
    message.gold.line("mid@example.com", "alias@example.com", "deferred", ("virtual_aliases", None, None, None))
    message.gold.verdict = "deferred"
    if world.rng.random() < .8:
        message.pause(60)
        message.sent("real@example.net", "alias@example.com", ("mid@example.com",))
        message.gold.recipients.pop(("mid@example.com", "alias@example.com"))
        message.complete()


def from_elsewhere(world, at):
    """Somebody else's bounce, to an address literal."""
    message = Message(world, at, "<>")
    message.arrive(["user@[192.0.2.5]"])
    message.sent("user@[192.0.2.5]", host=("[192.0.2.5]".strip("[]"), "192.0.2.5"))
    message.complete()


def to_a_crowd(world, at):
    names = [f"member{number}@example.net" for number in range(world.rng.randrange(50, 400))]
    message = start(world, at, names)
    host = message.host()
    for number, name in enumerate(names):
        if number % 7 == 3:
            message.refused(name)
        elif number % 7 == 5:
            message.put_off(name)
        else:
            message.sent(name, host=host, flag="->")
    message.send_bounce()
    message.gold.verdict = "deferred"
    message.pause(100)
    for name in names[5::7]:
        message.sent(name)
    message.complete()


def to_own_alias(world, at):
    """An alias that also names its own address, whose box is full."""
    message = start(world, at, ["info@example.com"])
    message.log("== info@example.com R=virtual_user T=dovecot_virtual_delivery defer (-22): mailbox is full")
    message.gold.line("info@example.com", None, "deferred", ("virtual_user", "dovecot_virtual_delivery", None, None))
    message.sent("copy@example.net", "info@example.com")
    message.gold.verdict = "deferred"
    if world.rng.random() < .5:
        message.pause(60)
        message.boxed("info@example.com")
        message.complete()


def to_special(world, at):
    finals = (
        ("/dev/null", "central_filter", "**bypassed**"), ("/home/u/mail/.junk folder/new", "virtual_user_filter", "address_file"),
        ("|/usr/local/bin/autorespond a@example.com /home/u", "virtual_aliases", "virtual_address_pipe"),
        ("|/bin/sh -c 'cat <in >out R=x T=y'", "virtual_aliases", "virtual_address_pipe"), (":blackhole:", "system_aliases", None),
        (">Someone <a@example.com>", "central_filter", "address_reply"), (">a@example.com", "central_filter", "address_reply"))
    final, router, transport = world.rng.choice(finals)
    # An address may be named like where it goes.
    original = '":blackhole:"@example.com' if final == ":blackhole:" and world.rng.random() < .5 else "u@example.com"
    message = start(world, at, [original])
    parents = ("mid@example.com",) if world.rng.random() < .3 else ()
    message.special(final, original, "=>", router, transport, parents)
    message.complete()


def to_broken_pipe(world, at):
    message = start(world, at, ["list@example.com"])
    command = world.rng.choice(("|/bin/false", "|/usr/bin/procmail -t : x", '|"/usr/bin/list post" <a@b>'))
    if world.rng.random() < .5:
        message.special(command, "list@example.com", "==", transport="virtual_address_pipe",
                        error=" defer (0): Child process of virtual_address_pipe transport returned 75 from command: x")
        message.pause(60)
    message.special(command, "list@example.com", "**", transport="virtual_address_pipe",
                    error=": Child process of virtual_address_pipe transport returned 1 from command: x")
    message.send_bounce()
    message.complete()


def with_autoreply(world, at):
    message = start(world, at, ["marv@example.com"])
    message.boxed("marv@example.com")
    reply = Message(world, message.at, "<>", message.gold.id)
    reply.arrive([message.sender])
    reply.boxed(message.sender)
    reply.complete()
    message.special(">" + message.sender, "marv@example.com", "=>", "central_filter", "address_reply")
    message.complete()


def cut_through(world, at):
    message = Message(world, at, sender_of(world.rng))
    host = message.host()
    message.gold.sender = None
    message.sent("x@example.net", host=host, flag=">>")
    message.arrive(["x@example.net"])
    message.complete()


def fake_reject(world, at):
    message = start(world, at, ["marv@example.com"], flag="(=")
    message.boxed("marv@example.com")
    message.complete()


def second_host(world, at):
    message = start(world, at, ["x@example.net"])
    message.trouble(message.host(), *message.smtp_error("x@example.net", world.rng.choice(DEFERRALS), "initial connection"))
    message.sent("x@example.net")
    message.complete()


def turned_down(world, at):
    """Rejected after DATA: the id was given, and nothing arrived."""
    message = Message(world, at, sender_of(world.rng))
    words = world.rng.choice(("rejected after DATA", "temporarily rejected after DATA"))
    fields = world.rng.choice(("", " I=[192.0.2.10]:25 Ci=4711", ' X=TLS1.3:AES:256 CV=no DN="CN=a b"'))
    message.log(f"H=({world.rng.choice(HELOS)}) [198.51.100.7]:4471{fields} F=<{message.sender}> {words}: This message contains a virus: <= x@y")
    if world.rng.random() < .2:
        world.lines.pop()
        message.log(f"rejected from <{message.sender}> H=x [198.51.100.7]: message too big: read=52 max=50")
    message.gold.sender = message.sender
    message.gold.verdict = "rejected"


def by_system_filter(world, at):
    message = start(world, at, ["marv@example.com", "ok@example.net"])
    kind = world.rng.random()
    if kind < .25:
        words, outcome = world.rng.choice((("original recipients ignored (system filter)", "discarded"),
                                           ("Delivery deferred by system filter", "deferred")))
        message.log(words)
        for entry in message.gold.recipients.values():
            entry.update(outcome=outcome, attempts=1)
        message.sent("else@example.net", "system-filter")
        if outcome == "discarded":
            message.complete()
        message.gold.verdict = ("delivered" if not world.style(at).recipients else
                                "partial" if outcome == "discarded" else "deferred")
    elif kind < .5:
        message.log("=> discarded (system filter)")
        if not message.gold.recipients:
            message.gold.line("discarded", None, "discarded", (None,) * 4)
        for entry in message.gold.recipients.values():
            entry.update(outcome="discarded", attempts=1)
        message.complete()
        message.gold.verdict = "discarded"
    else:
        message.log("cancelled by system filter: no thanks")
        message.gold.close("removed")
        message.send_bounce()
        message.complete()
        message.gold.verdict = "removed"


def unfinished(world, at):
    """The log ends, or the daemon looks, before the last line."""
    message = start(world, at, ["x@example.net", "y@example.net"])
    if world.rng.random() < .5:
        message.sent("x@example.net")
        if not world.style(at).recipients:
            message.gold.verdict = "delivered"  # no line tells of y


def begun_before(world, at):
    """The "<=" line is in an older file."""
    message = Message(world, at, sender_of(world.rng))
    message.arrive(["x@example.net"], is_logged=False)
    message.put_off("x@example.net")
    message.gold.verdict = "deferred"
    if world.rng.random() < .7:
        message.sent("x@example.net")
        message.complete()


def ignoring_errors(world, at):
    message = start(world, at, ["quiet@example.com"])
    message.refused("x@example.net", "quiet@example.com")
    message.sent("y@example.net", "quiet@example.com")
    message.log("x@example.net <quiet@example.com>: error ignored")
    message.complete()


def suppressed(world, at):
    message = start(world, at, ["x@example.net"])
    message.log("*> x@example.net R=dkim_lookuphost T=dkim_remote_smtp")
    message.gold.line("x@example.net", None, "discarded", ("dkim_lookuphost", "dkim_remote_smtp", None, None))
    message.complete()


STORIES = (
    (to_remote, 20), (to_box, 20), (to_alias, 6), (to_two_aliases, 2), (to_both_names, 2), (to_alias_and_member, 2), (to_refusing, 8), (to_nowhere, 4),
    (to_waiting_alias, 3), (through_waiting_alias, 2), (from_elsewhere, 2), (to_a_crowd, .2), (to_own_alias, 2), (to_special, 6), (to_broken_pipe, 3), (with_autoreply, 3), (cut_through, 2),
    (fake_reject, 1), (second_host, 4), (turned_down, 3), (by_system_filter, 2), (unfinished, 2), (begun_before, 2),
    (ignoring_errors, 1), (suppressed, 1)) + tuple(
        (put_off_then(end), weight) for end, weight in (
            (delivered, 4), (waiting, 3), (expired, 3), (removed, 1), (cancelled, 1), (frozen, 1), (thawed, 1), (warned, 1)))


def make(seed, count):
    world = World(seed, count)
    stories = [story for story, _ in STORIES]
    weights = [weight for _, weight in STORIES]
    for _ in range(count):
        at = world.begin + world.rng.random() * world.span
        world.rng.choices(stories, weights)[0](world, at)
        if world.rng.random() < .5:
            world.log(at, world.rng.choice(NOISE))
    text = []
    # Lines of one message keep their order within the second, whatever the milliseconds say of other messages.
    for _, _, line in sorted(world.lines):
        text.append(line)
        if world.rng.random() < .02:
            text.append(world.rng.choice(CONTINUATIONS))
    seen = {}
    for place, line in enumerate(text):
        for word in line.split(" ")[2:5]:
            if word in world.used:
                seen.setdefault(word, place)
                break
    stories = [story.story() for story in world.stories]
    return text, sorted(stories, key=lambda story: seen.get(story["id"], 0))


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: make_log.py SEED MESSAGES LOG [GOLD]")
    text, stories = make(int(sys.argv[1]), int(sys.argv[2]))
    opener = gzip.open if sys.argv[3].endswith(".gz") else open
    with opener(sys.argv[3], "wt", encoding="utf-8", newline="") as log:
        log.writelines(line + "\n" for line in text)
    if len(sys.argv) == 5:
        with open(sys.argv[4], "w", encoding="utf-8") as gold:
            for story in stories:
                gold.write(json.dumps(story, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
