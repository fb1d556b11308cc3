#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon that answers bouncectl's requests from a file, for the tests of the client alone.

fake_daemon.py --stdio speaks on standard input and output, fake_daemon.py SOCKET [--times N] on a socket, one peer after
another. FAKE_ANSWERS names a JSON file: {METHOD: ANSWER, ...}, with METHOD or METHOD/VALUE (of what, by or cursor), where ANSWER is one of
  {"result": ...}, {"error": ...}    the response's
  {"stream": [PARAMS, ...], "result": ...}    notifications, then the response
  {"first": ..., "stream": [...]}    the response, then notifications, then the end
  {"raw": TEXT}    TEXT as it is, then the end
FAKE_SEEN names a file that the requests are appended to.
"""
import json
import os
import socket
import sys


def line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


def notifications(method, items):
    return "".join(line({"jsonrpc": "2.0", "method": method, "params": item}) for item in items)


def answer(answers, request):
    method, params = request["method"], request.get("params") or {}
    known = answers.get("%s/%s" % (method, params.get("what", params.get("by", params.get("cursor"))))) or answers.get(method)
    if method == "explain" and known is None:
        known = {"result": {"class": "unclassified", "severity": "other", "who": "local-admin", "summary": params["text"],
                            "advice": [], "rule": None, "reply": None}}
    if known is None:
        known = {"error": {"code": -32601, "message": "Method not found", "data": {"hint": "there is no method " + method}}}
    if "raw" in known:
        return known["raw"], True
    head = {"jsonrpc": "2.0", "id": request["id"]}
    if "error" in known:
        return line({**head, "error": known["error"]}), False
    stream = notifications(method, known.get("stream", []))
    if "first" in known:
        return line({**head, "result": known["first"]}) + stream, True
    return stream + line({**head, "result": known["result"]}), False


def serve(answers, reader, writer):
    for text in reader:
        if "FAKE_SEEN" in os.environ:
            with open(os.environ["FAKE_SEEN"], "a", encoding="utf-8") as seen:
                seen.write(text)
        reply, is_end = answer(answers, json.loads(text))
        writer.write(reply.encode("utf-8", "surrogateescape"))
        writer.flush()
        if is_end:
            return


def main():
    with open(os.environ["FAKE_ANSWERS"], encoding="utf-8", errors="surrogateescape") as file:
        answers = json.load(file)
    if "--stdio" in sys.argv:
        if "FAKE_SEEN" in os.environ:
            with open(os.environ["FAKE_SEEN"], "a", encoding="utf-8") as seen:
                seen.write("arguments: %s\n" % " ".join(sys.argv[1:]))
                for path in sys.argv:
                    if path.startswith("/dev/fd/"):
                        with open(path, encoding="utf-8") as log:
                            seen.write("log: " + log.read())
        serve(answers, sys.stdin, sys.stdout.buffer)
        return
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1000):
        peer, _ = listener.accept()
        with peer, peer.makefile("r", encoding="utf-8") as reader, peer.makefile("wb") as writer:
            try:
                serve(answers, reader, writer)
            except (BrokenPipeError, ConnectionResetError):
                pass


try:
    main()
except BrokenPipeError:
    os._exit(0)
