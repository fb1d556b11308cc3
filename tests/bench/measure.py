"""What a bench is made of: processes that are timed, clients that keep their connection, a table of figures."""
# SPDX-License-Identifier: Apache-2.0
import json
import mmap
import os
import shutil
import socket
import statistics
import subprocess
import time


def stay_on_one_processor():
    """Leaves the process one processor, and so bounced one thread."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def touch_memory(size):
    """
    Uses memory and gives it back, so that what is timed next gets pages that the machine has at hand, as on a box that has been up for a
    while. A virtual machine whose host takes back what is free gets each page anew, at several times what clearing it costs. Returns seconds.
    """
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        # Not in this process: its children would count its largest RSS as theirs.
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if hasattr(mmap, 'MADV_HUGEPAGE'):
            memory.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, size, mmap.PAGESIZE):
            memory[at] = 1
        os._exit(0)
    os.waitpid(child, 0)
    return time.monotonic() - began


class Run:
    """A process that has ended: seconds of wall clock and processor, largest RSS (its own children's included), output."""

    def __init__(self, argv, stdin=None, keep=False, is_alone=False):
        began = time.monotonic()
        process = subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE if keep else subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL='C'),
                                   preexec_fn=stay_on_one_processor if is_alone else None)
        self.output = process.stdout.read().decode(errors='replace') if keep else ''
        self.errors = process.stderr.read().decode(errors='replace')
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - began
        self.cpu = usage.ru_utime + usage.ru_stime
        self.rss = usage.ru_maxrss * 1024
        self.status = process.returncode

    def succeeded(self, what):
        if self.status != 0:
            raise SystemExit(f'bench: {what} gave exit status {self.status}: {self.errors.strip()}')
        return self


def shell(command, keep=False):
    return Run(['sh', '-c', command], keep=keep)


def count_output(argv, what):
    """Runs a program and counts the bytes it writes, as `wc -c` would, without keeping them."""
    began = time.monotonic()
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        lines = sum(piece.count(b'\n') for piece in iter(lambda: process.stdout.read(1 << 20), b''))
    if process.returncode != 0:
        raise SystemExit(f'bench: {what} gave exit status {process.returncode}')
    return lines, time.monotonic() - began


def have(program):
    return shutil.which(program) is not None


class Client:
    """Asks one daemon, over and over, on the same connection."""

    def __init__(self, reader, writer, pid):
        self.reader, self.writer, self.pid = reader, writer, pid
        self.number = 0

    def ask(self, method, **params):
        self.number += 1
        request = {'jsonrpc': '2.0', 'id': self.number, 'method': method, 'params': params}
        self.writer.write(json.dumps(request).encode() + b'\n')
        line = self.reader.readline()
        if not line:
            raise SystemExit(f'bench: the daemon left while it was asked {method}')
        return line

    def result(self, method, **params):
        answer = json.loads(self.ask(method, **params))
        if 'error' in answer:
            raise SystemExit(f'bench: {method} {params}: {answer["error"]}')
        return answer['result']

    def time_us(self, method, **params):
        began = time.perf_counter()
        line = self.ask(method, **params)
        took = (time.perf_counter() - began) * 1e6
        if b'"error":' in line[:80]:
            raise SystemExit(f'bench: {method} {params}: {line[:300].decode()}')
        return took

    def rss(self):
        with open(f'/proc/{self.pid}/status', encoding='ascii') as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith('VmRSS'))

    def cpu(self):
        """Seconds on a processor, of all threads, as the scheduler counts them: its ticks are too coarse for one per cent."""
        total = 0
        for thread in os.listdir(f'/proc/{self.pid}/task'):
            with open(f'/proc/{self.pid}/task/{thread}/schedstat', encoding='ascii') as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def sleeps(self):
        """How often it has gone to sleep, and so been woken."""
        with open(f'/proc/{self.pid}/status', encoding='ascii') as file:
            return int(next(line.split()[1] for line in file if line.startswith('voluntary_ctxt_switches')))

    def read_bytes(self):
        with open(f'/proc/{self.pid}/io', encoding='ascii') as file:
            return int(next(line.split()[1] for line in file if line.startswith('rchar')))


class Private(Client):
    """`bounced --stdio` over whole files."""

    def __init__(self, bounced, logs, *options):
        argv = [bounced, '--stdio', *options]
        for log in logs:
            argv += ['--log', log]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.process.stdout = os.fdopen(os.dup(self.process.stdout.fileno()), 'rb', 1 << 20)
        super().__init__(self.process.stdout, self.process.stdin, self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


class Server:
    """The daemon on a socket, following a log."""

    def __init__(self, bounced, log, path, *options):
        self.path = path
        config = path + '.conf'
        with open(config, 'w', encoding='ascii') as file:
            file.write('[journal]\nfailures = no\n')
        self.process = subprocess.Popen([bounced, '--foreground', '--config', config, '--log', log, '--socket', path,
                                         *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def connect(self):
        for _ in range(500):
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.path)
            except OSError:
                connection.close()
                time.sleep(0.01)
                continue
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            return Client(connection.makefile('rb', 1 << 20), connection.makefile('wb', 0), self.process.pid)
        raise SystemExit('bench: the daemon does not answer on its socket')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(values):
    """Half the distance between the extremes, in per cent of the median."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle * 100 if len(values) > 1 and middle else None


class Table:
    """Rows of the answer: each printed when it is known, and once more at the end."""

    def __init__(self):
        self.rows = [('quantity', 'median', 'spread', 'x grep -F', 'goal')]

    def add(self, name, values, unit, goal='', ratios=None, digits=None):
        values = values if isinstance(values, list) else [values]
        middle, half = statistics.median(values), spread(values)
        if digits is None:
            digits = 0 if middle >= 100 else 1 if middle >= 10 else 2 if middle >= 0.1 else 3
        self.text(name, f'{middle:,.{digits}f} {unit}'.strip(), goal, f'{half:.0f} %' if half is not None else '',
                  f'{statistics.median(ratios):.2f}' if ratios else '')

    def text(self, name, value, goal='', half='', ratio=''):
        self.rows.append((name, value, half, ratio, goal))
        print(f'  {name}: {value}' + (f' ({ratio} x grep -F)' if ratio else '') + (f'; goal {goal}' if goal else ''), flush=True)

    def print(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(5)]
        for number, row in enumerate(self.rows):
            print('| ' + ' | '.join(cell.ljust(widths[i]) if i in (0, 4) else cell.rjust(widths[i])
                                    for i, cell in enumerate(row)) + ' |')
            if number == 0:
                print('|' + '|'.join('-' * (width + 1) + ('-' if i in (0, 4) else ':') for i, width in enumerate(widths)) + '|')
