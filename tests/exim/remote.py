#!/usr/bin/env python3
# Scripted SMTP servers on loopback: which reply comes at which phase is read from a table.
# SPDX-License-Identifier: Apache-2.0
"""remote.py TABLE PORTS CERTIFICATE SERVER...

Every SERVER gets an address of its own in 127.0.1.0/24 and a free port; PORTS is written, one
"SERVER ADDRESS PORT" a line, as soon as all of them listen. Two kinds of server need no table:
a name that begins with "refusing" refuses connections, one that begins with "silent" never
completes them. One that begins with "tls" offers STARTTLS with the key and certificate in the file
CERTIFICATE, where that exists.

A line of TABLE is "SERVER PHASE KEY REPLY", SERVER and KEY being "*" for any. PHASE is connect,
helo (EHLO is refused the same way), starttls, mail, rcpt, data, dot (the final dot) or quit. KEY is
the local part of the recipient (rcpt, data, dot) or of the sender (mail). REPLY is sent as it stands,
"\\n" making a reply of several lines; "drop" closes the connection, "hang" keeps silent;
"A || B || C" answers A at the first try for that KEY, then B, then C for ever. Without a line that
fits, the answer is 250.
"""
import os
import socket
import socketserver
import ssl
import sys
import threading
import time


class Table:
    """The lines of the table, and how often each was used."""

    def __init__(self, path):
        self.rows = []
        self.uses = {}
        self.lock = threading.Lock()
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    server, phase, key, reply = line.rstrip("\n").split(None, 3)
                    self.rows.append((server, phase, key, reply.split(" || ")))

    def answer(self, server, phase, key):
        for row, (row_server, row_phase, row_key, replies) in enumerate(self.rows):
            if row_server in ("*", server) and row_phase == phase and row_key in ("*", key):
                with self.lock:
                    use = self.uses.get((row, key), 0)
                    self.uses[row, key] = use + 1
                return replies[min(use, len(replies) - 1)]
        return None


class Hangup(Exception):
    """The table says: close the connection."""


class Session(socketserver.StreamRequestHandler):
    """One SMTP connection."""

    def say(self, phase, key, default):
        reply = self.server.table.answer(self.server.label, phase, key) or default
        if reply == "drop":
            raise Hangup
        if reply == "hang":
            while self.rfile.readline():
                pass
            raise Hangup
        self.wfile.write((reply.replace("\\n", "\r\n") + "\r\n").encode("utf-8"))
        return reply

    def handle(self):
        try:
            self.converse()
        except (Hangup, ConnectionError, ssl.SSLError):
            pass

    def converse(self):
        first = self.say("connect", "*", "220 mx.example.net ESMTP")
        if first[0] not in "45":
            self.converse_on()

    def converse_on(self):
        key = "*"
        is_lmtp = False
        accepted = []
        for line in self.rfile:
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO", b"LHLO"):
                is_lmtp = verb == b"LHLO"
                offer = "250-STARTTLS\\n" if self.server.tls else ""
                self.say("helo", "*", f"250-mx.example.net\\n250-8BITMIME\\n{offer}250 SIZE 10000000")
            elif verb == b"MAIL":
                key = "*"
                accepted = []
                self.say("mail", local_part(line), "250 2.1.0 sender ok")
            elif verb == b"RCPT":
                reply = self.say("rcpt", local_part(line), "250 2.1.5 recipient ok")
                if reply[0] == "2":
                    accepted.append(local_part(line))
                    key = accepted[0]
            elif verb == b"DATA":
                if self.say("data", key, "354 go ahead")[0] == "3":
                    for text in self.rfile:
                        if text in (b".\r\n", b".\n"):
                            break
                    for recipient in accepted if is_lmtp else accepted[:1]:
                        self.say("dot", recipient, "250 2.0.0 OK 1388688538 jb8si45146276obb.27 - gsmtp")
            elif verb == b"STAR" and self.server.tls:
                self.say("starttls", "*", "220 2.0.0 go ahead")
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
                self.converse_on()
                return
            elif verb == b"STAR":
                self.say("starttls", "*", "454 4.7.0 TLS not available")
            elif verb == b"QUIT":
                self.say("quit", key, "221 2.0.0 bye")
                return
            else:
                self.wfile.write(b"250 2.0.0 ok\r\n")


def local_part(line):
    """Of MAIL FROM:<a@b> and RCPT TO:<a@b>; "" for the null sender."""
    address = line.split(b"<", 1)[-1].split(b">", 1)[0]
    return address.rpartition(b"@")[0].decode("utf-8", "replace")


class Server(socketserver.ThreadingTCPServer):
    """One named remote host."""

    daemon_threads = True

    def __init__(self, label, address, table, tls):
        self.label = label
        self.table = table
        self.tls = tls
        super().__init__((address, 0), Session)


def refusing(address):
    """A port that is taken, so that nobody else gets it, and that refuses."""
    sock = socket.socket()
    sock.bind((address, 0))
    return sock, []


def silent(address):
    """A port whose queue of connections is full: Linux then drops every SYN."""
    sock = socket.socket()
    sock.bind((address, 0))
    sock.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(sock.getsockname())
        fillers.append(filler)
    return sock, fillers


def main():
    table_path, ports_path, certificate, *names = sys.argv[1:]
    table = Table(table_path)
    tls = None
    if os.path.exists(certificate):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    kept = []
    lines = []
    for number, name in enumerate(names, 1):
        address = f"127.0.1.{number}"
        if name.startswith(("refusing", "silent")):
            sock, fillers = (refusing if name.startswith("refusing") else silent)(address)
            kept.append((sock, fillers))
            port = sock.getsockname()[1]
        else:
            server = Server(name, address, table, tls if name.startswith("tls") else None)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            port = server.server_address[1]
        lines.append(f"{name} {address} {port}\n")
    with open(ports_path + ".new", "w", encoding="utf-8") as ports:
        ports.writelines(lines)
    os.rename(ports_path + ".new", ports_path)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
