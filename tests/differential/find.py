#!/usr/bin/env python3
# What `find` finds by subject and host against what the stories of a dump say.
# SPDX-License-Identifier: Apache-2.0
"""find.py BOUNCECTL LOG DUMP SEED

Asks for subjects, parts of subjects and hosts that stand in DUMP, and some that do not, and compares the ids.
"""
import gzip
import json
import os
import random
import subprocess
import sys


def ask(bouncectl, log, option, wanted):
    run = subprocess.run([bouncectl, "--log", log, "-o", "json", "find", "-n", "100000", option, wanted],
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"find.py: find {option} {wanted!r}: exit status {run.returncode}: {run.stderr}")
    return {json.loads(line)["id"] for line in run.stdout.splitlines()}


class Session:
    """One daemon that is asked again and again: from the second question on it knows what stands in which part of the log."""

    def __init__(self, bouncectl, log):
        bounced = os.path.join(os.path.dirname(bouncectl), "bounced")
        self.log = log + ".longer"
        with (gzip.open if log.endswith(".gz") else open)(log, "rb") as lines, open(self.log, "wb") as longer:
            # A line of much later: what stands before it is in a segment of its own, which grows no more.
            longer.write(lines.read() + b"2014-02-01 00:00:00 1W9NIw-000001-AA Completed\n")
        self.process = subprocess.Popen([bounced, "--stdio", "--log", self.log], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()
        os.unlink(self.log)

    def ask(self, option, wanted):
        found, cursor = set(), None
        while True:
            params = {option[2:]: wanted, "limit": 1000, **({"cursor": cursor} if cursor else {})}
            self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "find", "params": params}) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())["result"]
            found |= {item["id"] for item in answer["items"]}
            cursor = answer["cursor"]
            if not answer["more"]:
                return found


def by_subject(stories, wanted):
    return {s["id"] for s in stories if wanted.lower() in (s["subject"] or "").lower()}


def by_host(stories, wanted):
    wanted = wanted.lower()
    return {s["id"] for s in stories
            if any(wanted == (name or "").lower() for name in (s["from_host"], s["from_ip"]))
            or any(wanted == (name or "").lower() for r in s["recipients"] for name in (r["host"], r["ip"]))}


def main():
    bouncectl, log, dump = sys.argv[1:4]
    chance = random.Random(sys.argv[4])
    with open(dump, encoding="utf-8") as lines:
        stories = [story for story in map(json.loads, lines) if story["id"] is not None]
    subjects = sorted({s["subject"] for s in stories if s["subject"] and s["subject"].isascii()})
    clients = sorted({name for s in stories for name in (s["from_host"], s["from_ip"]) if name})
    hosts = sorted({name for s in stories for r in s["recipients"] for name in (r["host"], r["ip"]) if name})
    words = [subject[len(subject) // 4:][:12].strip() or subject for subject in subjects]
    questions = [("--subject", wanted, by_subject) for wanted in chance.sample(subjects, min(6, len(subjects))) +
                 [word.upper() for word in chance.sample(words, min(6, len(words)))] + ["no such subject"]]
    questions += [("--host", wanted, by_host) for wanted in chance.sample(hosts, min(6, len(hosts))) +
                  chance.sample(clients, min(6, len(clients))) + ["no.such.host.example"]]
    with Session(bouncectl, log) as session:
        for option, wanted, expected in questions:
            right = expected(stories, wanted)
            # A host that a message only tried, before another took it, stands in its lines alone.
            tried = {s["id"] for s in stories if option == "--host" and wanted.lower() in json.dumps(s["evidence"]).lower()}
            for found in (ask(bouncectl, log, option, wanted), session.ask(option, wanted), session.ask(option, wanted)):
                difference = (right - found) | (found - right - tried)
                if difference:
                    sys.exit(f"find.py: find {option} {wanted!r}: not the same ids: {sorted(difference)[:5]}")
    print(f"{len(questions)} questions are answered as the stories say")


if __name__ == "__main__":
    main()
