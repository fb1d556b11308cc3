"""The bench's part about answers while lines come: `why` during the back-fill, idle, and beside a writer; from log to answer; a burst."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import subprocess
import sys
import threading
import time

from measure import Server, percentile

PEER_QUESTIONS = 4000
IDLE_TURNS = 5
LIVE_SECONDS = 4
FOLLOWED = 300       # lines whose way from the log to the answer is timed
BURST = 100_000


class Asker:
    """Asks over the socket by a client in C, whose own time is little."""

    def __init__(self, bench, path):
        self.program, self.path = bench.program('tests/bench/ping'), path

    def why_us(self, ids, seconds=0, count=0):
        """Asks for one message after the other, again and again, and says how long each answer took."""
        questions = ''.join(json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'why', 'params': {'what': name}}) + '\n' for name in ids)
        run = subprocess.run([self.program, 'ask', self.path, str(count), str(seconds)], input=questions.encode(),
                             stdout=subprocess.PIPE, check=True)
        return [float(took) for took in run.stdout.split()]


def measure_peer(bench, ids, table):
    """What a question costs that nobody thinks about: the same client, and a server that gives the same answer to all."""
    path = os.path.join(bench.folder, 'peer')
    with subprocess.Popen([bench.program('tests/bench/ping'), 'serve', path]):
        while not os.path.exists(path):
            time.sleep(0.01)
        time.sleep(0.05)
        add_percentiles(table, 'a bare server over a socket', Asker(bench, path).why_us(ids, count=PEER_QUESTIONS), '')


def add_percentiles(table, name, took, goal):
    table.add(f'{name}, p50', percentile(took, .5), 'µs')
    table.add(f'{name}, p99', percentile(took, .99), 'µs', goal)


class Writer:
    """Another process that appends whole lines of a prepared file at a steady rate until it is stopped or has no more."""

    CODE = '''
import sys, time
source, target, rate = open(sys.argv[1], "rb"), open(sys.argv[2], "ab", 0), int(sys.argv[3])
began, written = time.monotonic(), 0
while True:
    due = int((time.monotonic() - began) * rate)
    lines = [source.readline() for _ in range(due - written)]
    if lines:
        target.write(b"".join(lines))
        written = due
        if not lines[-1]:
            break
    time.sleep(0.001)
'''

    def __init__(self, source, target, rate):
        self.process = subprocess.Popen([sys.executable, '-c', self.CODE, source, target, str(rate)])

    def __enter__(self):
        time.sleep(0.2)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def prepare_news(bench, name, messages, seed):
    """More messages, of this minute."""
    path = os.path.join(bench.folder, name)
    with open(path, 'wb') as file:
        made = subprocess.run([bench.program('tests/bench/busy_log'), str(messages), seed, str(int(time.time()) - 7 * 24 * 3600)],
                              stdout=file, stderr=subprocess.DEVNULL, check=True)
    assert made.returncode == 0
    return path


def read_lines(client):
    return client.result('status')['lines']['read']


def wait_for_lines(client, count):
    while read_lines(client) < count:
        time.sleep(0.01)


def measure_backfill(client, asker, ids, table):
    """The ids that the index has already; asked until the back-fill is done."""
    took, known = [], []
    while not client.result('status')['backfill']['done']:
        for name in ids:
            if len(known) < 200 and b'"error"' not in client.ask('why', what=name)[:80]:
                known.append(name)
        took += asker.why_us(known, seconds=0.1) if known else []
    if took:
        add_percentiles(table, 'why while the log is read', took, '2,000 µs')


FIRST = (('stats --by class', 'stats', {'by': 'class'}), ('stats --by domain', 'stats', {'by': 'domain'}),
         ('stats --by account', 'stats', {'by': 'account'}), ('stats --by host', 'stats', {'by': 'host'}),
         ('find --to PREFIX*', 'find', {'to': 'nobody-begins-so*', 'limit': 50}),
         ('find --subject', 'find', {'subject': 'nobody writes about this', 'limit': 50}), ('incidents', 'incidents', {}))


def wait_until_prepared(client, table):
    """The daemon goes on to make what first questions need; they are asked when it is done."""
    began, last, since = time.monotonic(), 0, time.monotonic()
    while time.monotonic() - since < 1.5:
        held = client.result('status')['memory']['index_bytes']
        if held != last:
            last, since = held, time.monotonic()
        time.sleep(0.02)
    table.add('made ahead of first questions, after', max(0, since - began), 's')
    for name, method, params in FIRST:
        table.add(f'  {name}, the first time', client.time_us(method, **params) / 1000, 'ms', '20 ms', digits=2)


def measure_idle(asker, ids, table):
    """Each message is asked for several times: what the best time of each comes to is ours, what is above it the machine's."""
    asker.why_us(ids, count=len(ids))
    turns = [asker.why_us(ids, count=len(ids)) for _ in range(IDLE_TURNS)]
    add_percentiles(table, 'why, idle', sum(turns, []), '200 µs')
    add_percentiles(table, f'why, idle, the best of {IDLE_TURNS} times for each', [min(took) for took in zip(*turns)], '200 µs')


def new_line(number, rest):
    """A line of a message that nobody has heard of, and its id."""
    now = int(time.time())
    name = f'{base62(now, 6)}-{base62(number + (1 << 40), 11)}-0000'
    return name, f'{time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))} {name} {rest}\n'.encode()


def measure_news(client, target, table):
    """A line is written; it is asked for until it is there."""
    took = []
    with open(target, 'ab', 0) as log:
        for number in range(FOLLOWED):
            name, line = new_line(number, '<= a@customer1.example H=h.example.org [192.0.2.1] P=esmtp S=500 for b@example.org')
            began = time.perf_counter()
            log.write(line)
            while b'"error"' in client.ask('why', what=name)[:80]:
                pass
            took.append((time.perf_counter() - began) * 1e6)
            time.sleep(0.005)
    add_percentiles(table, 'written to answered, at 1,000 lines/s', took, '2,000 µs')


def measure_watch(server, target, table):
    """A failure is written; nobody asks: the daemon says so by itself."""
    watcher, took = server.connect(), []
    watcher.ask('watch', sender='watched@example.org')
    with open(target, 'ab', 0) as log:
        for number in range(FOLLOWED, 2 * FOLLOWED):
            name, line = new_line(number, '** b@example.org F=<watched@example.org>: Unrouteable address')
            began = time.perf_counter()
            log.write(line)
            while name.encode() not in watcher.reader.readline():
                pass
            took.append((time.perf_counter() - began) * 1e6)
            time.sleep(0.005)
    add_percentiles(table, 'written to said by watch, at 1,000 lines/s', took, '')
    watcher.reader.close()


def base62(value, count):
    digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    text = ''
    for _ in range(count):
        text = digits[value % 62] + text
        value //= 62
    return text


def measure_cpu(client, news, target, table):
    def measure_seconds(name, goal):
        began, cpu, sleeps = time.monotonic(), client.cpu(), client.sleeps()
        time.sleep(LIVE_SECONDS)
        seconds = time.monotonic() - began
        table.add(f'processor, {name}', (client.cpu() - cpu) / seconds * 100, '%', goal)
        table.add('  wake-ups a second', (client.sleeps() - sleeps) / seconds, '')

    measure_seconds('idle', '')
    with Writer(news, target, 1000):
        before = read_lines(client)
        measure_seconds('at 1,000 lines/s', '1 %')
        table.add('  lines a second', (read_lines(client) - before) / LIVE_SECONDS, '')


def measure_burst(client, asker, ids, news, target, table):
    with open(news, 'rb') as file:
        lines = b''.join(file.readline() for _ in range(BURST))
    before, worst = read_lines(client), 0
    began = time.monotonic()
    with open(target, 'ab', 0) as log:
        threading.Thread(target=lambda: log.write(lines)).run()
    while read_lines(client) < before + BURST:
        worst = max(worst, *asker.why_us(ids, count=4))
    table.add('burst of 100,000 lines, absorbed in', (time.monotonic() - began) * 1000, 'ms')
    table.add('  the slowest why meanwhile', worst, 'µs')


def measure(bench, table):
    log = bench.log()
    target = os.path.join(bench.folder, 'exim_mainlog')
    shutil.copyfile(log.path, target)
    news = prepare_news(bench, 'news', 60_000, '2')
    with Server(bench.program('bounced'), target, os.path.join(bench.folder, 'socket'), '--window', '30d') as server:
        client, asker = server.connect(), Asker(bench, server.path)
        measure_backfill(client, asker, log.ids, table)
        wait_for_lines(client, log.lines)
        wait_until_prepared(client, table)
        measure_peer(bench, log.ids, table)
        measure_idle(asker, log.ids, table)
        with Writer(news, target, 10_000):
            took = asker.why_us(log.ids, seconds=LIVE_SECONDS)
        add_percentiles(table, 'why, while 10,000 lines/s come', took, '2,000 µs')
        with Writer(news, target, 1000):
            measure_news(client, target, table)
            measure_watch(server, target, table)
        measure_cpu(client, news, target, table)
        measure_burst(client, asker, log.ids[:200], news, target, table)
