#!/usr/bin/env python3
# Compares two readings of one log, story by story and field by field.
# SPDX-License-Identifier: Apache-2.0
"""compare.py EXPECTED ACTUAL

Both hold one JSON story a line; ACTUAL may have more fields, and more stories without an id. Prints what
differs (the first twenty), and fails if anything does.
"""
import collections
import json
import sys

FIELDS = ("sender", "verdict", "bounce_of", "bounced_by")
ARRIVAL_FIELDS = ("subject", "size", "from_ip", "user", "protocol", "auth")
RECIPIENT_FIELDS = ("outcome", "attempts", "router", "transport", "host", "ip")


def read(path, refusals):
    stories = {}
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                story = json.loads(line)
            except ValueError as error:
                sys.exit(f"compare.py: {path} line {number}: {error}: {line[:200]}")
            if story.get("id") is None:
                refusals.append(refusal(story))
                continue
            # Two messages may have one id; which is told first does not matter.
            key = story["id"]
            while key in stories:
                key += " again"
            stories[key] = story
    return stories


def refusal(story):
    recipient = story["recipients"][0]["address"] if story["recipients"] else None
    return second(story.get("completed") or story.get("arrived")), story["sender"], recipient or None


def second(moment):
    """2013-12-14 02:01:58 and 2013-12-14T02:01:58-06:00 are the same line's time."""
    return moment and moment[:19].replace("T", " ")


def name(address):
    """Case, and the quotes of a local part, are not what is compared."""
    return address.lower().replace('"', "").replace("\\", "")


def recipients(story):
    # An entry without an address tells why the message as a whole was refused.
    return {(name(r["address"]), name(r["original"] or "")): r for r in story["recipients"] if r["address"]}


def differences(expected, actual):
    for field in FIELDS + tuple(field for field in ARRIVAL_FIELDS if field in expected):
        if expected[field] != actual.get(field):
            yield f"{field}: expected {expected[field]!r}, got {actual.get(field)!r}"
    if second(expected["completed"]) != second(actual.get("completed")):
        yield f"completed: expected {expected['completed']!r}, got {actual.get('completed')!r}"
    if "lines" in expected and "evidence" in actual and actual.get("evidence_complete", True):
        # Beside the message's own lines, evidence may hold continuations of them and commands that name the id.
        own = sum(f" {expected['id']} " in entry["line"][:80] + " " for entry in actual["evidence"])
        if own != expected["lines"]:
            yield f"evidence: expected {expected['lines']} lines, got {own}"
    wanted, got = recipients(expected), recipients(actual)
    for who in sorted(wanted.keys() | got.keys()):
        if who not in got:
            yield f"recipient {who}: missing"
        elif who not in wanted:
            yield f"recipient {who}: invented, {got[who].get('outcome')}"
        else:
            for field in RECIPIENT_FIELDS:
                if wanted[who][field] != got[who].get(field):
                    yield f"recipient {who} {field}: expected {wanted[who][field]!r}, got {got[who].get(field)!r}"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare.py EXPECTED ACTUAL")
    expected_refusals, actual_refusals = [], []
    expected, actual = read(sys.argv[1], expected_refusals), read(sys.argv[2], actual_refusals)
    # There may be more: connections that were lost, logins that failed.
    missing = collections.Counter(expected_refusals) - collections.Counter(actual_refusals)
    found = [f"refusal {who}: missing {count} times" for who, count in missing.items()]
    for message_id in expected.keys() | actual.keys():
        if message_id not in actual:
            found.append(f"{message_id}: missing")
        elif message_id not in expected:
            found.append(f"{message_id}: invented: {json.dumps(actual[message_id])[:300]}")
        else:
            found += [f"{message_id} {text}" for text in differences(expected[message_id], actual[message_id])]
    found.sort()
    for text in found[:20]:
        print(text)
    if found:
        sys.exit(f"compare.py: {len(found)} differences in {len(expected)} stories")
    print(f"{len(expected)} stories are the same")


if __name__ == "__main__":
    main()
