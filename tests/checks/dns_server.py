#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A nameserver that answers from a file, over UDP and TCP, for the tests of bouncectl's checks.

dns_server.py ZONEFILE [ADDRESS[:PORT]] listens at ADDRESS, 127.0.0.1 unless given, at a free port unless given, and prints
the port as the only line on standard output. A line of the file is one of
  NAME TYPE DATA    a record: A, AAAA, MX "10 host", NS, PTR, CNAME, SOA, TXT "one" "two strings", where \\DDD is a byte
  NAME [TYPE] SERVFAIL|REFUSED|DROP|NXDOMAIN    what becomes of such questions; DROP: nothing, for ever
  NAME [TYPE] GARBAGE [NUMBER]    an answer that nobody can read; with a number, a random one that may be readable
  # a comment, also behind a blank on other lines outside of quotes
What has no line does not exist; a name that only others end with exists without records. CNAMEs are followed within the
file. An answer of more than 512 bytes has none of its records over UDP, so that the client asks again over TCP.
"""
import ipaddress
import random
import re
import socket
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NUMBERS = {number: name for name, number in TYPES.items()}
RCODES = {"SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
MISHAPS = list(RCODES) + ["DROP", "GARBAGE"]
UDP_MAX = 512
CNAMES_MAX = 10
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def unescape(match):
    escaped = match.group(1)
    return bytes([int(escaped)]).decode("utf-8", "surrogateescape") if len(escaped) == 3 else escaped


def words(line):
    for match in WORD.finditer(line):
        if match.group(2) is None:
            yield re.sub(r"\\(\d{3}|.)", unescape, match.group(1))
        elif match.group(2).startswith("#"):
            return
        else:
            yield match.group(2)


def pack_name(name):
    labels = [label.encode("utf-8") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def pack_string(text):
    data = text.encode("utf-8", "surrogateescape")
    return bytes([len(data)]) + data


def pack_data(kind, data):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(data[0]).packed
    if kind == "MX":
        return struct.pack("!H", int(data[0])) + pack_name(data[1])
    if kind == "TXT":
        return b"".join(pack_string(text) for text in data)
    if kind == "SOA":
        numbers = [int(number) for number in data[2:7]]
        return pack_name(data[0]) + pack_name(data[1]) + struct.pack("!5I", *(numbers + [1] * (5 - len(numbers))))
    return pack_name(data[0])


class Zone:
    def __init__(self, path):
        self.records = {}  # (name, type): the data of each
        self.mishaps = {}  # (name, type or None): (what, number or None)
        self.names = {""}
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                found = list(words(line))
                if found:
                    self.add(found[0].rstrip(".").lower(), found[1:])

    def add(self, name, rest):
        if rest[0] in MISHAPS:
            self.mishaps[name, None] = (rest[0], int(rest[1]) if len(rest) > 1 else None)
        elif len(rest) > 1 and rest[1] in MISHAPS:
            self.mishaps[name, rest[0]] = (rest[1], int(rest[2]) if len(rest) > 2 else None)
        else:
            self.records.setdefault((name, rest[0]), []).append(pack_data(rest[0], rest[1:]))
        if "NXDOMAIN" not in rest:
            while name and name not in self.names:
                self.names.add(name)
                name = name.partition(".")[2]

    def mishap(self, name, kind):
        return self.mishaps.get((name, kind)) or self.mishaps.get((name, None)) or (None, None)

    def find(self, name, kind):
        """The records that answer, as bytes, and the code of the answer."""
        found = []
        for _ in range(CNAMES_MAX):
            what, _ = self.mishap(name, kind)
            if what in RCODES:
                return found, RCODES[what]
            found += [record(name, kind, data) for data in self.records.get((name, kind), [])]
            aliases = self.records.get((name, "CNAME"), []) if kind != "CNAME" else []
            if not aliases:
                break
            found.append(record(name, "CNAME", aliases[0]))
            name = unpack_name(aliases[0], 0)[0]
        return found, 0 if name in self.names else RCODES["NXDOMAIN"]


def record(name, kind, data):
    return pack_name(name) + struct.pack("!HHIH", TYPES[kind], 1, 60, len(data)) + data


def unpack_name(data, at):
    labels = []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("utf-8", "surrogateescape").lower())
        at += 1 + data[at]
    return ".".join(labels), at + 1


def header(question, count, rcode, is_cut=False):
    """An answer's first bytes: recursive and, if is_cut, to be asked for over TCP."""
    return question[:2] + struct.pack("!5H", 0x8180 | rcode | (0x0200 if is_cut else 0), 1, count, 0, 0)


def garbage(question, asked, name, kind, number):
    if number is None:
        # A record whose name is a pointer to itself.
        return header(question, 1, 0) + asked + struct.pack("!H", 0xC000 | (12 + len(asked))) + b"\xff" * 9
    chance = random.Random(number)
    samples = {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"], "MX": ["10", "mail." + name], "TXT": ["v=spf1 -all", "x" * 200]}
    data = pack_data(kind, samples.get(kind, ["name." + name]))
    answer = bytearray(b"".join(record(name, kind, data) for _ in range(chance.randint(1, 3))))
    for _ in range(chance.randint(1, 8)):
        answer[chance.randrange(len(answer))] = chance.choice([0, 1, 63, 64, 192, 255, chance.randrange(256)])
    if chance.random() < 0.3:
        del answer[chance.randrange(len(answer)):]
    return header(question, chance.choice([1, 1, 2, 3, 65535]), 0) + asked + bytes(answer)


def answer_to(zone, question, is_udp):
    """The answer; None: there is none."""
    try:
        name, end = unpack_name(question, 12)
        kind = NUMBERS[struct.unpack("!H", question[end:end + 2])[0]]
    except (IndexError, KeyError, struct.error):
        return question[:2] + struct.pack("!5H", 0x8184, 0, 0, 0, 0)
    asked = question[12:end + 4]
    what, number = zone.mishap(name, kind)
    if what == "DROP":
        return None
    if what == "GARBAGE":
        return garbage(question, asked, name, kind, number)
    records, rcode = zone.find(name, kind)
    answer = header(question, len(records), rcode) + asked + b"".join(records)
    return answer if not is_udp or len(answer) <= UDP_MAX else header(question, 0, rcode, True) + asked


def read_whole(peer, size):
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data


def serve_peer(zone, peer):
    try:
        with peer:
            while True:
                question = read_whole(peer, struct.unpack("!H", read_whole(peer, 2))[0])
                answer = answer_to(zone, question, False)
                if answer is not None:
                    peer.sendall(struct.pack("!H", len(answer)) + answer)
    except OSError:
        pass


def serve_tcp(zone, listener):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve_peer, args=(zone, peer), daemon=True).start()


def listen(address, port):
    """One socket of each kind at the same port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(100):
        tcp, udp = socket.socket(family, socket.SOCK_STREAM), socket.socket(family, socket.SOCK_DGRAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((address, port))
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
            continue
        tcp.listen(64)
        return tcp, udp
    raise SystemExit("no port is free for both UDP and TCP")


def main():
    zone = Zone(sys.argv[1])
    where = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    match = re.match(r"^\[?([0-9A-Fa-f:]+:[0-9A-Fa-f:]*|[0-9.]+)\]?(?::(\d+))?$", where)
    tcp, udp = listen(match.group(1), int(match.group(2) or 0))
    print(tcp.getsockname()[1], flush=True)
    threading.Thread(target=serve_tcp, args=(zone, tcp), daemon=True).start()
    while True:
        question, peer = udp.recvfrom(65535)
        answer = answer_to(zone, question, True)
        if answer is not None:
            udp.sendto(answer, peer)


main()
