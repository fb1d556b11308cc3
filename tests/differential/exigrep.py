#!/usr/bin/env python3
# What Exim's own exigrep finds of a message against the evidence of its story.
# SPDX-License-Identifier: Apache-2.0
"""exigrep.py LOG DUMP [COUNT]

Asks exigrep for COUNT messages of LOG (default 25) by their ids. Their lines, in the order in which they stand, must be those that
DUMP has as evidence. An exigrep that is older than the new form of ids is asked for the old ones only.
"""
import collections
import json
import random
import re
import subprocess
import sys

FRONT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?(?: \[\d+\])? "
NEW_ID = "1xVamA-000000006sO-44KK"


def found_by_exigrep(message_id, log):
    run = subprocess.run(["exigrep", "-l", message_id, log], capture_output=True, check=False)
    if run.returncode != 0:
        sys.exit(f"exigrep.py: exigrep: exit status {run.returncode}: {run.stderr.decode()}")
    return run.stdout


def knows_new_ids():
    line = f"2026-11-23 20:36:34 {NEW_ID} Completed"
    run = subprocess.run(["exigrep", "-l", NEW_ID], input=f"{line}\n2026-11-23 20:36:35 {NEW_ID} Completed\n",
                         capture_output=True, text=True, check=False)
    return run.stdout.count(line) == 1 and run.stdout.count(NEW_ID) == 2


def as_evidence(line):
    """Evidence has bytes that are no text as \\xHH."""
    text = line.decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", text)


def main():
    log, dump = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 25
    with open(dump, encoding="utf-8") as lines:
        stories = [story for story in map(json.loads, lines) if story["id"] is not None]
    if not knows_new_ids():
        stories = [story for story in stories if len(story["id"]) != len(NEW_ID)]
    asked = random.Random(log).sample(stories, min(count, len(stories)))
    for story in asked:
        own = re.compile(FRONT + re.escape(story["id"]) + " ")
        expected = [text for text in map(as_evidence, found_by_exigrep(story["id"], log).split(b"\n")) if own.match(text)]
        actual = [entry["line"] for entry in story["evidence"] if own.match(entry["line"])]
        if expected != actual:
            missing = collections.Counter(expected) - collections.Counter(actual)
            more = collections.Counter(actual) - collections.Counter(expected)
            sys.exit(f"exigrep.py: {story['id']}: only exigrep has {list(missing)}, only the story has {list(more)}")
    print(f"exigrep finds the same lines of {len(asked)} messages")


if __name__ == "__main__":
    main()
