#!/usr/bin/env python3
# A day in the log of a made-up server on which several things go wrong, for incidents, stats and queue.
# SPDX-License-Identifier: Apache-2.0
"""make_box.py   writes the log on standard output; the same each time"""
import datetime
import random

DAY = datetime.datetime(2026, 11, 24, tzinfo=datetime.timezone.utc)
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SENT = '=> {to} R=dkim_lookuphost T=dkim_remote_smtp H=mx.{domain} [192.0.2.1] C="250 ok"'
REMOTE = "R=dkim_lookuphost T=dkim_remote_smtp"
TIMEOUT = f"== {{to}} {REMOTE} defer (110): Connection timed out"
BUSY = (f"== {{to}} {REMOTE} defer (-45) H=mx.{{domain}} [198.51.100.{{n}}]: SMTP error from remote mail server after "
        "initial connection: 421 mx.{domain} Service unavailable - try again later")
LOOKUP = "== {to} R=dkim_lookuphost defer (-1): host lookup did not complete"
UNWANTED = (f"== {{to}} {REMOTE} defer (-45) H=mta.yahoo.example [192.0.2.72]: SMTP error from remote mail server after MAIL "
            "FROM:<shop@shop.example>: 421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected "
            "volume or user complaints - 4.16.55.1")
UNKNOWN = (f"** {{to}} {REMOTE} H=mx.{{domain}} [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<{{to}}>: "
           "550 5.1.1 User unknown")


class Box:
    def __init__(self):
        self.lines = []
        self.count = 0
        self.random = random.Random(3)

    def stamp(self, at):
        return at.strftime("%Y-%m-%d %H:%M:%S")

    def base62(self, value, width):
        text = ""
        for _ in range(width):
            text = DIGITS[value % 62] + text
            value //= 62
        return text

    def line(self, at, text):
        self.lines.append((at, f"{self.stamp(at)} {text}"))

    def between(self, from_hour, to_hour):
        seconds = self.random.randrange(int(from_hour * 3600), int(to_hour * 3600))
        return DAY + datetime.timedelta(seconds=seconds)

    def message(self, at, sender, origin, to, outcome):
        self.count += 1
        id_ = f"{self.base62(int(at.timestamp()), 6)}-{self.base62(self.count, 6)}-00"
        self.line(at, f'{id_} <= {sender} {origin} S=900 T="x" for {to}')
        later = at + datetime.timedelta(seconds=1)
        self.line(later, f"{id_} " + outcome.format(to=to, domain=to.split("@")[1], n=self.count % 250))
        if outcome[:2] != "==":
            self.line(later, f"{id_} Completed")

    def login(self, at, number, to, outcome):
        user = f"user{number % 40}@customer{number % 20}.example"
        self.message(at, user, f"H=c [203.0.113.7] P=esmtpsa A=dovecot_login:{user}", to, outcome)


def main():
    box = Box()
    for k in range(1500):
        box.login(box.between(0, 24), k, f"r{k % 200}@domain{k % 60}.example", SENT)
    for k in range(60):
        box.login(box.between(0, 24), k, f"gone{k}@domain{k % 60}.example", UNKNOWN)
    for k in range(4):  # what is always so
        box.login(DAY + datetime.timedelta(hours=5 * k, minutes=20), k, f"r@dead{k}.example", TIMEOUT)
    for k in range(60):  # a firewall closes port 25 at eight in the evening
        box.login(box.between(20, 24), k, f"r@large{k % 7}.example", TIMEOUT)
    for k in range(24):  # the name servers were gone for an hour at noon, and what bounced stays
        box.login(box.between(12, 13), k, f"r@wide{k % 9}.example", LOOKUP)
    for k in range(30):  # one host that is busy
        box.login(box.between(21, 24), k, f"r{k}@busy.example", BUSY)
    for _ in range(400):  # a script sends spam
        at = box.between(22, 24)
        box.line(at, "cwd=/home/shop/public_html/wp 3 args: /usr/sbin/sendmail -t -i")
        box.message(at, "shop@shop.example", "U=shop P=local", f"victim{box.count}@yahoo.example", UNWANTED)
    for k in range(100):  # passwords are guessed
        box.line(box.between(23, 24), f"dovecot_login authenticator failed for (win) [203.0.113.9]:4915{k % 10}: "
                 f"535 Incorrect authentication data (set_id=user{k % 30}@customer1.example)")
    box.lines.sort(key=lambda line: line[0])
    for _, text in box.lines:
        print(text)


main()
