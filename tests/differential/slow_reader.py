#!/usr/bin/env python3
# A slow, obvious reader of Exim's main log: the oracle that the daemon's index is compared with.
# SPDX-License-Identifier: Apache-2.0
"""slow_reader.py FILE...

Reads Exim main logs (plain or .gz, in the order given, "-" is standard input) and prints one JSON
story a line, in the order in which the messages are first seen, with the fields that decide whether a
message was understood. It was written from the description of the log, not from the daemon's code, and
it prefers being easy to check to being fast.
"""
import gzip
import json
import re
import sys

# ---------------------------------------------------------------------------------------------------
# The line. Milliseconds, zone and process id are each optional, in this order (Exim spec, "Log files").
# A message id counts at its place only, whatever else in the line looks like one.

ID = r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4}"
LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)?(?: [+-]\d{4})?(?: \[\d+\])?"
    rf"(?: (?P<id>{ID}))?(?: (?P<text>.*))?$", re.DOTALL)

# An address as Exim logs it: no blanks but within the quotes of a quoted local part.
QUOTED = r'"(?:\\.|[^"\\])*"'
ADDRESS = rf'(?:{QUOTED}|[^\s"])+'
IN_BRACKETS = rf'(?:{QUOTED}|[^"<>])*'
IP = r"[\w:.%/-]+"


def read_lines(path):
    """The lines of a file as text. Only a newline ends a line; bytes that are not UTF-8 become U+FFFD."""
    if path == "-":
        stream = sys.stdin.buffer
    elif path.endswith(".gz"):
        stream = gzip.open(path, "rb")
    else:
        stream = open(path, "rb")
    with stream:
        for raw in stream:
            yield raw.rstrip(b"\n").rstrip(b"\r").decode("utf-8", "replace")


# ---------------------------------------------------------------------------------------------------
# Arrival: "<= SENDER [R=ID] FIELDS [T="SUBJECT"] [from <SENDER>] [for RECIPIENT...]"

ARRIVAL = re.compile(rf'(?P<sender><>|{ADDRESS})(?: R=(?P<reference>{ID})(?= |$))?(?P<rest>.*)$', re.DOTALL)
# Quotes and backslashes of a subject are escaped, so that no subject can hold ` T="`; message ids and
# HELO names before it can, therefore the last T= that fits is the one. (The first group is greedy.)
AFTER_SUBJECT = re.compile(
    rf'.* T="(?P<subject>(?:\\.|[^"\\])*)"(?: from <{IN_BRACKETS}>)?(?: for(?P<list>(?: {ADDRESS})*))? *$', re.DOTALL)
RECIPIENT_LIST = re.compile(rf'(?: {ADDRESS})+ *$')


# "H=name (helo) [ip]:port I=... U=user P=protocol": the helo may hold anything, but Exim's own address is followed by P=.
CLIENT = re.compile(rf"(?: H=[^\s(\[]*(?: ?\(.*\))? ?\[(?P<from_ip>{IP})\](?::\d+)?(?: I=\S+)?)?"
                    r"(?: U=(?P<user>\S+))?(?: Ci=\S+)? P=(?P<protocol>\S+)(?= )", re.DOTALL)
# What a certificate says is in quotes; behind them stands what Exim says of itself.
BEHIND = re.compile(r"""(?: L[-.*]*)?(?: TFO\*?)?(?: X=\S+)?(?: CV=\S+)?(?: DN="[^"]*")?(?: SNI=\S+)?(?: A=(?P<auth>\S+))?(?: (?!S=)\S+)*? S=(?P<size>\d+)""")
ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)", re.DOTALL)


def unescaped(logged):
    """Exim's receive.c puts a backslash before quotes and backslashes, string_printing() writes other bytes as C does."""
    def meant(found):
        sequence = found[1]
        return (bytes([int(sequence, 8)]) if len(sequence) == 3 else
                {b"n": b"\n", b"r": b"\r", b"b": b"\b", b"v": b"\v", b"f": b"\f", b"t": b"\t"}.get(sequence, sequence))
    return ESCAPED.sub(meant, logged.encode()).decode("utf-8", "replace")


def arrival_fields(rest):
    """What else stories tell of an arrival."""
    fields = dict.fromkeys(("subject", "size", "from_ip", "user", "protocol", "auth"))
    with_subject = AFTER_SUBJECT.match(rest)
    if with_subject:
        fields["subject"] = unescaped(with_subject["subject"])
        rest = rest[:with_subject.start("subject") - len(' T="')]
    client = CLIENT.match(rest)
    if client:
        fields.update(client.groupdict())
        behind = BEHIND.match(rest, client.end())
        if behind:
            fields.update(auth=behind["auth"], size=int(behind["size"]))
    return fields


def envelope_recipients(rest):
    """What +received_recipients adds at the end of an arrival line."""
    with_subject = AFTER_SUBJECT.match(rest)
    if with_subject:
        return re.findall(ADDRESS, with_subject["list"] or "")
    # No subject is logged: the last " for" that is followed by nothing but addresses. One inside a quoted
    # local part is not, because its closing quote stands alone.
    for place in reversed([found.end() for found in re.finditer(" for(?= )", rest)]):
        if RECIPIENT_LIST.match(rest, place):
            words = re.findall(ADDRESS, rest[place:])
            if all("@" in word or "=" not in word for word in words):
                return words
    return []


# ---------------------------------------------------------------------------------------------------
# Delivery lines: FINAL [(PARENT, ...)] [<ORIGINAL>] [F=<>] [Q=] [P=<>] [R=] [T=] ...
# (deliver.c: string_log_address, delivery_log, deferral_log, failure_log)

DELIVERED, BOUNCED, DEFERRED, DISCARDED = "delivered", "bounced", "deferred", "discarded"
OUTCOME_OF_FLAG = {
    "=>": DELIVERED, "->": DELIVERED, ">>": DELIVERED,
    "*>": "discarded",  # -N: Exim treats the address as done, but nobody got anything
    "**": BOUNCED, "==": DEFERRED,
}

# After the addresses comes a field, the word "routing", "defer (", the colon before the error text, or the end.
AFTER_ADDRESSES = r"(?= (?:F=<|Q=|SRS=<|P=<|D=|R=|T=|H=|S=|DT=|QT=|routing |defer \()|:(?: |$)| ?$)"
PARENTS = r"(?P<parents>(?: \([^()]*\))*)"
ORIGINAL = rf"(?: <(?P<original>{IN_BRACKETS})>)?"
# Files, pipes and autoreplies may hold blanks; Exim always logs their original, which ends them.
NO_ADDRESS = re.compile(
    rf"(?P<final>(?:[|/>]|save ).*?){PARENTS} <(?P<original>{IN_BRACKETS})>{AFTER_ADDRESSES}", re.DOTALL)
BLACKHOLE = re.compile(rf"(?P<final>:blackhole:){PARENTS}{ORIGINAL}{AFTER_ADDRESSES}")
PLAIN = re.compile(rf" *(?P<final>{ADDRESS}?){PARENTS}{ORIGINAL}{AFTER_ADDRESSES}")
# A quoted local part is logged without its quotes, blanks and all: => a b@x.example <"a b"@x.example> R=...
UNQUOTED = re.compile(rf"(?P<final>.+?){PARENTS} <(?P<original>{IN_BRACKETS})>{AFTER_ADDRESSES}", re.DOTALL)
FIELDS = re.compile(
    rf"(?: F=<(?P<sender>{IN_BRACKETS})>)?(?: Q=\S+)?(?: SRS=<[^>]*>)?(?: P=<{IN_BRACKETS}>)?"
    r"(?: R=(?P<router>[^\s:]+))?(?: T=(?P<transport>[^\s:]+))?(?: routing)?(?: S=\d+)?", re.DOTALL)
# Exim's own test suite writes "dd" or "EEE" for a number of the system's.
DEFER = re.compile(r" defer \((?P<errno>-?\d+|\w+)\)")
STRERROR = re.compile(r": .*?(?= H=|: | DT=|$)", re.DOTALL)
HOST = re.compile(rf" H=(?P<host>[^\s\[]+)(?: DS)?(?: \[(?P<ip>{IP})\])?")
# What follows the fields of a line that reports no try of its own.
NO_NEWS = {DEFERRED: re.compile(r" defer \(-?\d+\)(?: DT=\S+)?: retry time not reached"),
           BOUNCED: re.compile(r": retry timeout exceeded")}
# Before 4.83 or so the host stands in the error text only (transports/smtp.c: check_response).
HOST_IN_TEXT = re.compile(
    r".*?: (?:(?:SMTP|LMTP) error from remote mail(?:er| server) after .*?: host "
    r"|Remote host |(?:SMTP|LMTP) timeout while connected to |Malformed (?:SMTP|LMTP) reply from )"
    rf"(?P<host>[^\s\[]+) \[(?P<ip>{IP})\]", re.DOTALL)


class Delivery:
    """One delivery line."""

    def __init__(self, flag, text):
        self.outcome = OUTCOME_OF_FLAG[flag]
        # "=> discarded (system filter)", "=> blackhole (DATA ACL discarded recipients)": all recipients at once.
        self.is_for_all = bool(re.match(r"(?:discarded|blackhole)(?: \(|$)", text))
        found = UNQUOTED.match(text)
        is_unquoted = found and found["original"].startswith('"') and is_unquoted_of(found["final"], found["original"])
        if not is_unquoted:
            found = NO_ADDRESS.match(text) or BLACKHOLE.match(text) or PLAIN.match(text) or found
        if not found:  # nothing that Exim writes; the first word is the best reading
            found = re.match(r"(?P<final>\S*)(?P<parents>)(?P<original>)", text)
        self.original = found["original"] or None
        self.final = self.original if is_unquoted else found["final"].strip()
        self.parents = re.findall(ADDRESS, re.sub(r"[(),]", " ", found["parents"] or ""))
        fields = FIELDS.match(text, found.end())
        self.sender = fields["sender"]
        self.router = fields["router"]
        self.transport = fields["transport"]
        self.in_routing = self.outcome == DEFERRED and self.transport is None
        rest = text[fields.end():]
        self.read_host(rest)
        self.brings_news = not NO_NEWS[self.outcome].match(rest) if self.outcome in NO_NEWS else True
        if self.outcome == DELIVERED and (
                self.is_for_all or self.final == "/dev/null" or self.transport == "**bypassed**"
                # A filter that says "seen finish"; with a transport it is the name of a user.
                or (self.transport is None and self.final in (":blackhole:", "discarded"))):
            self.outcome = DISCARDED
        if not (self.outcome == DISCARDED and self.final == "discarded"):
            self.complete_local_part()

    def read_host(self, rest):
        self.host = self.ip = None
        if self.outcome == DEFERRED:
            defer = DEFER.match(rest)
            if not defer:
                return
            rest = rest[defer.end():]
            if not defer["errno"].startswith(("-", "0")):
                strerror = STRERROR.match(rest)
                after = rest[strerror.end():] if strerror else rest
                rest = after if HOST.match(after) else rest
        host = HOST.match(rest) or (self.outcome in (DEFERRED, BOUNCED) and HOST_IN_TEXT.match(rest))
        if host:
            self.host, self.ip = host["host"], host["ip"]

    def complete_local_part(self):
        """A local delivery is logged with the local part only: "=> marv <marv@h.example>"."""
        # Some logs have shortened paths, "HOME/mail/inbox"; a local part with a slash is that of the original.
        is_file = "/" in self.final and not (self.original or "").lower().startswith(self.final.lower())
        if "@" not in self.final and not is_file and not self.final.startswith(("|", "/", ">", ":", "save ")):
            domain = (self.original or "").rpartition("@")[2] if "@" in (self.original or "") else None
            if domain:
                self.final += "@" + domain
        if self.original and same_address(self.original, self.final):
            self.original = None


def same_address(one, other):
    """Exim folds the case of domains, and of local parts unless told otherwise, and takes quotes off."""
    return unquoted(one) == unquoted(other)


def is_unquoted_of(final, original):
    """Whether a quoted address was logged without its quotes, or its local part alone was, as local deliveries are."""
    return unquoted(final) in (unquoted(original), unquoted(original).rpartition("@")[0]) and not final == ":blackhole:"


def unquoted(address):
    if address.startswith('"'):
        local_part, _, domain = address.rpartition("@")
        address = re.sub(r"\\(.)", r"\1", local_part[1:-1]) + "@" + domain
    return address.lower()


# ---------------------------------------------------------------------------------------------------
# Notices: lines with an id and no flag.

FROZEN = re.compile(r"(?:\*\*\* )?[Ff]rozen\b|Message is frozen")
UNFROZEN = re.compile(r"[Uu]nfrozen by ")
REMOVED = re.compile(r"(?:removed|cancelled) by |Message removed because older than ")
MARKED = re.compile(rf"address <(?P<address>{IN_BRACKETS})> marked delivered by ")
ALL_MARKED = re.compile(r"all addresses marked delivered by ")
ADDED = re.compile(rf"recipient <(?P<address>{IN_BRACKETS})> added by ")
ERROR_IGNORED = re.compile(rf"(?P<final>{ADDRESS})(?: <(?P<original>{IN_BRACKETS})>)?: error ignored")
# Anything may stand in a HELO name or in the text, so "rejected" counts only after the fields it follows.
REJECTED = re.compile(
    rf"(?:H=(?:[^\s(\[]\S*)?(?: ?\(.*?\))?(?: ?\[{IP}\](?::\d+)?)? )?"
    rf'(?:(?!F=<)(?:DN=".*?"|\w+=\S+|[A-Z.*-]+) )*(?:F=<(?P<sender>{IN_BRACKETS})> )?(?:A=\S+ )?'
    r"(?:temporarily )?rejected (?:after DATA|by |during |in |due to |because )", re.DOTALL)
# Received in part; the message had an id already, and the line may be its only one.
ABANDONED = re.compile(
    r"(?:(?:timed out|SIG\w+ received) while reading local message|unexpected disconnection while reading SMTP"
    r"|SMTP data timeout \(message abandoned\)|SMTP connection lost after final dot|SMTP connection (?:Ci=\S+ )?from .* lost\b)"
    rf"(?:.* F=<(?P<sender>{IN_BRACKETS})>)?", re.DOTALL)
# receive.c, PRDR: what the ACL said of one recipient, or its own words (of those who were accepted, a delivery follows).
NOT_FOR_ONE = re.compile(rf"PRDR (?:R=<(?P<address>{IN_BRACKETS})> (?:temporary )?refusal$|(?!R=<)(?P<plain>{ADDRESS}) )")
# receive.c: "rejected from <SENDER> H=...: message too big: read=1 max=1".
REJECTED_FROM = re.compile(rf"rejected from <(?P<sender>{IN_BRACKETS})>")


# Lines without an id that refuse a sender or a recipient: each is a story of its own. (Lost connections and
# the like are left to the daemon: whether they are refusals is a matter of taste.)
REFUSED = re.compile(
    rf"H=(?:[^\s(\[]\S*)?(?: ?\(.*\))?(?: ?\[{IP}\](?::\d+)?) "
    rf'(?:(?!F=<)(?:DN=".*?"|\w+=\S+|[A-Z.*-]+) )*(?:F=<(?P<sender>{IN_BRACKETS})> )?(?:A=\S+ )?'
    rf"(?:temporarily )?rejected (?P<command>RCPT|MAIL) (?:<(?P<address>{IN_BRACKETS})>|(?P<bare>[^\s<\">:]+@[^\s:]+))", re.DOTALL)


def refusal(text):
    """(sender, recipient) of a refused RCPT or MAIL, else nothing."""
    found = REFUSED.match(text)
    if not found:
        return None
    address = found["address"] if found["bare"] is None else found["bare"]
    if found["command"] == "MAIL":
        return address or "<>", None
    return "<>" if found["sender"] == "" else found["sender"], address


# ---------------------------------------------------------------------------------------------------
# The message.

class Recipient:
    """A final address, or an envelope recipient of which nothing is known yet."""

    def __init__(self, address, original=None):
        self.address = address
        self.original = original
        self.outcome = "unknown"
        self.attempts = 0
        self.router = self.transport = self.host = self.ip = None
        self.in_routing = False
        self.last_line = 0  # counts the message's delivery lines

    def is_open(self):
        return self.outcome in ("unknown", DEFERRED)

    def is_not_yet_routed(self):
        return self.outcome == "unknown" or (self.outcome == DEFERRED and self.in_routing)

    def story(self):
        return {"address": self.address, "original": self.original, "outcome": self.outcome,
                "attempts": self.attempts, "router": self.router, "transport": self.transport,
                "host": self.host, "ip": self.ip}


class Message:
    """All that the log says of one id."""

    def __init__(self, message_id):
        self.id = message_id
        self.has_arrived = False
        self.sender = None
        self.completed = None
        self.bounce_of = None
        self.bounced_by = None
        self.fields = {}
        self.is_frozen = self.is_rejected = self.is_removed = False
        self.recipients = []
        self.delivery_lines = 0
        self.lines = 0

    def find(self, address, original=None):
        for recipient in self.recipients:
            if same_address(recipient.address, address) and same_address(recipient.original or "", original or ""):
                return recipient
        return None

    def add_envelope_recipient(self, address):
        """Unless a line about it, or about what it became, came first (cutthrough, two processes)."""
        for recipient in self.recipients:
            if same_address(recipient.address, address) or same_address(recipient.original or "", address):
                return
        self.recipients.append(Recipient(address))

    def arrive(self, text):
        found = ARRIVAL.match(text)
        if not found:
            return
        self.has_arrived = True
        self.sender = found["sender"]
        self.fields = arrival_fields(found["rest"])
        for address in envelope_recipients(found["rest"]):
            self.add_envelope_recipient(address)

    def deliver(self, flag, text):
        line = Delivery(flag, text)
        self.delivery_lines += 1
        if self.sender is None and line.sender is not None:
            self.sender = line.sender or "<>"
        waiting = [recipient for recipient in self.recipients if recipient.is_open()]
        if line.outcome == DISCARDED and line.is_for_all and waiting:
            for recipient in waiting:
                recipient.outcome = DISCARDED
                recipient.attempts += 1
            return
        # An envelope recipient may have been logged without the domain that Exim gave it.
        address = line.original or line.final
        if "@" in address and self.find(address) is None:
            for recipient in self.recipients:
                if recipient.outcome == "unknown" and same_address(recipient.address, address.partition("@")[0]):
                    recipient.address = address
                    break
        # What an address became speaks for it from now on. An address that was deferred by a transport is a final
        # address itself (an alias may name its own address too), and stays.
        for ancestor in [line.original] + line.parents:
            if ancestor:
                self.recipients = [r for r in self.recipients
                                   if not (same_address(r.address, ancestor) and r.is_not_yet_routed()
                                           and not same_address(r.address, line.final)
                                           # A filter's reply is no end of what the filter also puts off.
                                           and not (line.final.startswith(">") and r.outcome == DEFERRED))]
        recipient = self.find(line.final, line.original)
        if recipient is None:
            # Named in the envelope, and reached by way of another name: Exim delivers once.
            recipient = self.find(line.final)
            if recipient is not None and recipient.outcome == "unknown":
                recipient.original = line.original
            else:
                recipient = Recipient(line.final, line.original)
                self.recipients.append(recipient)
        recipient.attempts += 1
        if self.completed and line.outcome == DEFERRED and not recipient.is_open():
            return  # nobody waits any more: the line was written too late
        recipient.outcome = line.outcome
        recipient.in_routing = line.in_routing
        recipient.last_line = self.delivery_lines
        # "retry time not reached" and "retry timeout exceeded" say nothing new of the last real try.
        if line.brings_news or recipient.attempts == 1:
            recipient.router, recipient.transport = line.router, line.transport
            recipient.host, recipient.ip = line.host, line.ip

    def settle_waiting(self, outcome):
        for recipient in self.recipients:
            if recipient.outcome == "unknown":
                recipient.outcome = outcome
                recipient.attempts += 1

    def close_open_recipients(self, outcome):
        for recipient in self.recipients:
            if recipient.is_open():
                recipient.outcome = outcome

    def notice(self, text):
        """A line with the id and no flag."""
        if FROZEN.match(text):
            self.is_frozen = True
        elif UNFROZEN.match(text):
            self.is_frozen = False
        elif text.startswith("original recipients ignored (system filter)"):
            self.settle_waiting(DISCARDED)
        elif text.startswith("Delivery deferred by system filter"):
            self.settle_waiting(DEFERRED)
        elif REMOVED.match(text):
            # "removed by" drops what is left; "cancelled by" tells the sender as well, which bounced_by shows.
            self.is_removed = True
            self.close_open_recipients("removed")
        elif ALL_MARKED.match(text):
            self.close_open_recipients("removed")
        elif MARKED.match(text):
            marked = MARKED.match(text)["address"]
            for recipient in self.recipients:
                if recipient.is_open() and same_address(recipient.address, marked):
                    recipient.outcome = "removed"
        elif ADDED.match(text):
            self.add_envelope_recipient(ADDED.match(text)["address"])
        elif ABANDONED.match(text):
            if not self.has_arrived:
                self.is_rejected = True
                self.sender = self.sender or ABANDONED.match(text)["sender"]
        elif NOT_FOR_ONE.match(text):
            found = NOT_FOR_ONE.match(text)
            refused = found["address"] or found["plain"]
            self.add_envelope_recipient(refused)
            recipient = self.find(refused)
            if recipient:
                recipient.outcome = "rejected"
                recipient.attempts += 1
        elif ERROR_IGNORED.match(text):
            pass  # its "**" line came before: it bounced, and nobody was told
        elif REJECTED.match(text) or REJECTED_FROM.match(text):
            self.is_rejected = True
            sender = (REJECTED.match(text) or REJECTED_FROM.match(text))["sender"]
            if self.sender is None and sender is not None:
                self.sender = sender or "<>"

    def complete(self, time):
        self.completed = time
        self.is_frozen = False
        # Nothing can be deferred now. An address between alias and final address that was deferred in routing
        # became others with the same original.
        self.recipients = [
            r for r in self.recipients
            if not (r.outcome == DEFERRED and r.in_routing and any(
                other.last_line > r.last_line and same_address(other.original or "", r.original or r.address)
                for other in self.recipients))]

    def can_have_bounced(self):
        """Exim also refers to a message (R=) when it warns of a delay, and when a filter answers it."""
        return (self.is_removed or self.is_rejected or
                any(recipient.outcome == BOUNCED for recipient in self.recipients))

    def verdict(self):
        if self.is_rejected and not self.has_arrived and not self.delivery_lines:
            return "rejected"
        if self.is_removed:
            return "removed"
        if self.is_frozen:
            return "frozen"
        outcomes = {recipient.outcome for recipient in self.recipients}
        if not self.completed and DEFERRED in outcomes:
            return DEFERRED
        if not self.completed and "unknown" in outcomes:
            return "in-transit"
        # Completed or not, every recipient has had its end (or shares another's line).
        final = outcomes - {"unknown", DEFERRED}
        if final:
            return "partial" if len(final) > 1 else final.pop()
        return DELIVERED if self.completed else "in-transit"  # Exim completes only what it has handed on

    def story(self):
        return {"id": self.id, "sender": self.sender, "completed": self.completed, "verdict": self.verdict(),
                "bounce_of": self.bounce_of, "bounced_by": self.bounced_by, "lines": self.lines, **self.fields,
                "recipients": [recipient.story() for recipient in self.recipients]}


def read_log(paths, refusals):
    """All messages, in the order in which they are first seen. What was refused before is appended to refusals."""
    messages = {}
    in_order = []
    for path in paths:
        for line in read_lines(path):
            found = LINE.match(line)
            if not found or found["text"] is None:
                continue  # a continuation
            if not found["id"]:
                refused = refusal(found["text"])
                if refused:
                    refusals.append({"id": None, "completed": found["time"], "verdict": "rejected", "sender": refused[0],
                                     "recipients": [{"address": refused[1]}]})
                continue
            if found["id"] not in messages:
                messages[found["id"]] = Message(found["id"])
                in_order.append(messages[found["id"]])
            message = messages[found["id"]]
            message.lines += 1
            text = found["text"]
            flag, _, rest = text.partition(" ")
            if flag in ("<=", "(="):
                if message.has_arrived and message.completed:  # another message has the same id
                    message.lines -= 1
                    message = Message(message.id)
                    message.lines = 1
                    messages[message.id] = message
                    in_order.append(message)
                message.arrive(rest)
                join_bounce(messages, message, rest)
            elif flag in OUTCOME_OF_FLAG and rest:
                message.deliver(flag, rest)
            elif flag == "Completed":
                message.complete(found["time"])
            else:
                message.notice(text)
    return in_order


def join_bounce(messages, bounce, text):
    reference = ARRIVAL.match(text) and ARRIVAL.match(text)["reference"]
    if not reference or bounce.sender != "<>":
        return
    cause = messages.get(reference)
    if cause is None:
        bounce.bounce_of = reference  # from before this log: a bounce is the likeliest reason
    elif cause.can_have_bounced():
        bounce.bounce_of = reference
        cause.bounced_by = bounce.id


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: slow_reader.py FILE...")
    try:
        refusals = []
        for message in read_log(sys.argv[1:], refusals):
            print(json.dumps(message.story(), ensure_ascii=False))
        for story in refusals:
            print(json.dumps(story, ensure_ascii=False))
    except (OSError, EOFError) as error:
        sys.exit(f"slow_reader.py: {error}")
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    main()
