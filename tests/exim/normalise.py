#!/usr/bin/env python3
# Replaces what differs from run to run (ids, times, ports, sizes, folders) by fixed words, so that whole outputs can be compared.
# SPDX-License-Identifier: Apache-2.0
"""normalise.py [FOLDER]   reads standard input, writes standard output"""
import re
import sys

ID = re.compile(r"\b1[0-9A-Za-z]{5}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})\b")
REPLACEMENTS = (
    (r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?", r"2026-01-01\g<1>00:00:00"),
    (r"\b\d{4}-\d\d-\d\d\b", "2026-01-01"),
    (r"\b\d\d:\d\d:\d\d\b", "00:00:00"),
    (r"(?m)^(2026-01-01) \d\d:\d\d\b", r"\1 00:00"),
    (r"(?m)^\d+s +(?=1)", "AGE  "),
    (r"(\[[0-9a-f.:]+\]):\d{4,5}\b", r"\1:PORT"),
    (r"\boutbound \d{10}\b", "outbound EPOCH"),
    (r"\bpid=\d+", "pid=PID"),
    (r"\bS=\d+", "S=SIZE"),
    (r" args: \S+/exim4?\b", " args: EXIM"),
    (r"\bSIZE=\d+", "SIZE=SIZE"),
    (r'"(size|offset|age_s|port)": ?\d+', r'"\1":0'),
    (r'"cursor":"[^"]*"', '"cursor":"CURSOR"'),
    (r"\b(?:at once|in the same second|(?:one|\d+) seconds? later)\b", "SOON"),
    (r"\b(?:in |)(?:one|\d+) (?:second|minute)s?(?: ago)?\b", "SOME TIME"),
)


def main():
    text = sys.stdin.read()
    if len(sys.argv) > 1:
        text = text.replace(sys.argv[1].rstrip("/"), "FOLDER")
    # Where lines of evidence are broken depends on the length of ids and names.
    text = re.sub(r"\n {8}(?=\S)", " ", text)
    # Said where a second lies between a failure and a later delivery, which is a matter of luck here.
    text = re.sub(r"\s+That\s+is\s+later\s+than\s+this\s+failure:\s+mail\s+gets\s+through\s+again\.", "", text)
    for pattern, replacement in REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    numbers = {}
    text = re.sub(f" +(?={ID.pattern})", " ", text)
    # Every id keeps the width of the older form, so that columns stay where they are.
    text = ID.sub(lambda found: f"1ID{numbers.setdefault(found[0], len(numbers) + 1):03d}-000000-00", text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
