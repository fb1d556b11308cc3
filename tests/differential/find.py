#!/usr/bin/env python3
# What `find` finds by subject and host against what the stories of a dump say.
# SPDX-License-Identifier: Apache-2.0
"""find.py BOUNCECTL LOG DUMP SEED

Asks for subjects, parts of subjects and hosts that stand in DUMP, and some that do not, and compares the ids.
"""
import json
import random
import subprocess
import sys


def ask(bouncectl, log, option, wanted):
    run = subprocess.run([bouncectl, "--log", log, "-o", "json", "find", "-n", "100000", option, wanted],
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"find.py: find {option} {wanted!r}: exit status {run.returncode}: {run.stderr}")
    return {json.loads(line)["id"] for line in run.stdout.splitlines()}


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
    hosts = sorted({name for s in stories for name in (s["from_host"], s["from_ip"]) if name} |
                   {name for s in stories for r in s["recipients"] for name in (r["host"], r["ip"]) if name})
    words = [subject[len(subject) // 4:][:12].strip() or subject for subject in subjects]
    questions = [("--subject", wanted, by_subject) for wanted in chance.sample(subjects, min(6, len(subjects))) +
                 [word.upper() for word in chance.sample(words, min(6, len(words)))] + ["no such subject"]]
    questions += [("--host", wanted, by_host) for wanted in chance.sample(hosts, min(8, len(hosts))) + ["no.such.host.example"]]
    for option, wanted, expected in questions:
        found, right = ask(bouncectl, log, option, wanted), expected(stories, wanted)
        # A host that a message only tried, before another took it, stands in its lines alone.
        tried = {s["id"] for s in stories if option == "--host" and wanted.lower() in json.dumps(s["evidence"]).lower()}
        difference = (right - found) | (found - right - tried)
        if difference:
            sys.exit(f"find.py: find {option} {wanted!r}: not the same ids: {sorted(difference)[:5]}")
    print(f"{len(questions)} questions are answered as the stories say")


if __name__ == "__main__":
    main()
