#!/usr/bin/env python3
# Writes a file in pieces that end anywhere, in the middle of lines and characters.
# SPDX-License-Identifier: Apache-2.0
"""trickle.py SEED FILE"""
import os
import random
import sys


def main():
    rng = random.Random(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        rest = memoryview(file.read())
    while rest:
        rest = rest[os.write(1, rest[:rng.choice((1, 7, 100, 4093, 65537))]):]


if __name__ == "__main__":
    main()
