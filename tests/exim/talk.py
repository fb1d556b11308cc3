#!/usr/bin/env python3
# Speaks SMTP to the private Exim: one command a line on standard input, the replies on standard output.
# SPDX-License-Identifier: Apache-2.0
"""talk.py PORT [SOURCE-ADDRESS]

After DATA, the lines up to and including "." are the message, and are left out where DATA is refused. "!close" drops the connection,
"!send TEXT" sends without waiting for a reply. Whatever Exim answers is printed.
"""
import socket
import sys


def read_reply(stream):
    while True:
        line = stream.readline()
        sys.stdout.write(line.decode("utf-8", "replace"))
        if len(line) < 4 or line[3:4] != b"-":
            return line


def main():
    source = (sys.argv[2], 0) if len(sys.argv) > 2 else None
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20, source) as sock:
        stream = sock.makefile("rb")
        if read_reply(stream)[:1] != b"2":
            return
        in_data = False
        skipping = False
        for line in sys.stdin:
            line = line.rstrip("\n")
            if skipping:
                skipping = line != "."
                continue
            if line == "!close":
                return
            if line.startswith("!send "):
                sock.sendall(line[6:].encode() + b"\r\n")
                continue
            sock.sendall(line.encode() + b"\r\n")
            if in_data and line != ".":
                continue
            reply = read_reply(stream)
            in_data = line == "DATA" and reply[:3] == b"354"
            skipping = line == "DATA" and not in_data
            if not reply or reply[:3] in (b"421", b"221"):
                return


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, ConnectionResetError):
        print("(connection reset)")  # what a server does to a client that it has refused
    except OSError as error:
        sys.exit(f"talk.py: port {sys.argv[1]}: {error}")
