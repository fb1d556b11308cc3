#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail servers that do as a file says, all at one free port, for the tests of bouncectl check --port25.

smtp_servers.py FILE LOG [PORT] prints the port as the only line on standard output, and writes each line that a server was told to
LOG, behind the server's address. A line of the file is ADDRESS and what the server there does:
  GREET TEXT    says the text, in which \\n ends a line, \\e is ESC, \\0 NUL; offers STARTTLS
  PLAIN TEXT    the same without STARTTLS
  DEAF TEXT     the same, and then answers nothing
  CLOSE [TEXT]  says the text, if there is one, and closes
  RESET         resets the connection
  SILENT        says nothing
  SLOW TEXT     says the text, and then a blank each second
  ENDLESS TEXT  the text again and again
  FULL          has no room for connections, so that nobody answers
  REFUSE        does not listen
"""
import socket
import struct
import sys
import threading
import time

ROOM = 4  # connections that a full server may have waiting; Linux answers no more SYNs then


def converse(peer, address, capabilities, log):
    with peer, peer.makefile("rb") as lines:
        for line in lines:
            print(address, line.decode("utf-8", "replace").strip(), file=log, flush=True)
            if line.upper().startswith(b"EHLO"):
                peer.sendall(capabilities)
            elif line.upper().startswith(b"QUIT"):
                peer.sendall(b"221 bye\r\n")
                return


def serve(peer, address, what, text, log):
    said = text.replace("\\n", "\r\n").replace("\\e", "\x1b").replace("\\0", "\0").encode("utf-8", "surrogateescape")
    try:
        if what in ("GREET", "PLAIN"):
            peer.sendall(said + b"\r\n")
            starttls = b"250-STARTTLS\r\n" if what == "GREET" else b""
            converse(peer, address, b"250-here\r\n" + starttls + b"250 SIZE 1000\r\n", log)
        elif what == "CLOSE":
            peer.sendall(said)
            peer.close()
        elif what == "RESET":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
        elif what == "SLOW":
            peer.sendall(said)
            while True:
                time.sleep(1)
                peer.sendall(b" ")
        elif what == "ENDLESS":
            while True:
                peer.sendall(said)
        else:
            if what == "DEAF":
                peer.sendall(said + b"\r\n")
            time.sleep(60)
    except OSError:
        pass


def accept(listener, address, what, text, log):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(peer, address, what, text, log), daemon=True).start()


def bind(addresses, port):
    """A socket for each address at one port; None: it is taken at one of them."""
    sockets = []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sockets.append(socket.socket(family, socket.SOCK_STREAM))
        sockets[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sockets[-1].bind((address, port))
        except OSError:
            for opened in sockets:
                opened.close()
            return None
        port = sockets[-1].getsockname()[1]
    return sockets


def fill(address, port):
    """Connections that nobody accepts, until no more are answered."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kept = []
    for _ in range(ROOM):
        kept.append(socket.socket(family, socket.SOCK_STREAM))
        kept[-1].setblocking(False)
        kept[-1].connect_ex((address, port))
    return kept


def main():
    with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as file:
        servers = [(line.rstrip("\n").split(" ", 2) + [""])[:3] for line in file if line.strip()]
    log = open(sys.argv[2], "w", encoding="utf-8")
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    sockets = None
    for _ in range(1 if wanted else 100):
        sockets = bind([address for address, _, _ in servers], wanted)
        if sockets is not None:
            break
    if sockets is None:
        raise SystemExit("no port is free at all addresses")
    kept = []
    for (address, what, text), opened in zip(servers, sockets):
        if what == "REFUSE":
            continue
        opened.listen(0 if what == "FULL" else 64)
        if what == "FULL":
            kept.append(fill(address, opened.getsockname()[1]))
        else:
            threading.Thread(target=accept, args=(opened, address, what, text, log), daemon=True).start()
    print(sockets[0].getsockname()[1], flush=True)
    while True:
        time.sleep(60)


main()
