# SPDX-License-Identifier: Apache-2.0
"""What befalls a daemon: private folders, a log whose every line is accounted for, and the real bounced that follows it.

A test file imports this, marks functions with @fault and calls main(): each function gets a Box (a folder of its own), they run
a few at a time, and a failure leaves its folder and says where. Tests run in the build folder.
"""
import collections
import concurrent.futures
import ctypes
import json
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.getcwd()
AT_ONCE = 4
PATIENCE_S = 30  # sanitizers and busy machines are slow; nothing waits that long when all is well



def promised(seconds):
    """A time that is promised, as it is for a build with sanitizers, which do much more when it ends."""
    with open(os.path.join(BUILD, "bounced"), "rb") as file:
        return seconds * 3 if b"__asan_init" in file.read() else seconds


DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Skip(Exception):
    """What the test needs is not to be had here."""


def base62(number, length):
    text = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text


class Text:
    """Exim's lines, made up; remembers each message with its lines, in the order in which they were made."""

    def __init__(self, start=None):
        self.second = int(start if start is not None else time.time()) - 3600
        self.serial = 0
        self.line_count = 0
        self.messages = collections.OrderedDict()

    def stamp(self):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.second))

    def message(self):
        """Three lines (two when it waits in the queue)."""
        self.serial += 1
        if self.serial % 50 == 0:
            self.second += 1
        name = "%s-%s-00" % (base62(self.second, 6), base62(self.serial, 6))
        front = "%s %s " % (self.stamp(), name)
        host = "R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1]"
        lines = [front + "<= s%d@example.org U=mail P=local S=%d" % (self.serial, 500 + self.serial)]
        if self.serial % 3 == 0:
            lines.append(front + "** r%d@example.net %s: SMTP error from remote mail server after RCPT TO:<r@example.net>: "
                         "550 5.1.1 no such user %d" % (self.serial, host, self.serial))
        elif self.serial % 3 == 1:
            lines.append(front + '=> r%d@example.net %s C="250 OK"' % (self.serial, host))
        else:
            lines.append(front + "== r%d@example.net R=dnslookup T=remote_smtp defer (110): Connection timed out" % self.serial)
        if self.serial % 3 != 2:
            lines.append(front + "Completed")
        self.messages[name] = lines
        self.line_count += len(lines)
        return ("\n".join(lines) + "\n").encode()

    def some(self, count):
        return b"".join(self.message() for _ in range(count))


class Daemon:
    """The real bounced, in the foreground, on a private socket."""

    def __init__(self, box, log, name="bounced", config="", window="0", before=(), preexec=None, wait=True, env=None, socket_path=None):
        self.box = box
        self.socket_path = socket_path or os.path.join(box.folder, name + ".sock")
        self.config_path = os.path.join(box.folder, name + ".conf")
        self.said_path = os.path.join(box.folder, name + ".said")
        self.write_config(log, window, config)
        said = open(self.said_path, "ab")
        self.process = subprocess.Popen(
            list(before) + [os.path.join(BUILD, "bounced"), "--foreground", "--config", self.config_path],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=preexec,
            env=dict(os.environ, TZ="UTC", **(env or {})))
        said.close()
        box.daemons.append(self)
        if wait:
            self.wait_for(lambda: os.path.exists(self.socket_path) and self.answers(), "the socket to answer")

    def write_config(self, log, window, config):
        with open(self.config_path, "w") as file:
            file.write("[log]\npath = %s\ntimezone = UTC\n[index]\nwindow = %s\n[socket]\npath = %s\n[classify]\nrules-dir = /nonexistent\n%s\n"
                       % (log, window, self.socket_path, config))
        os.chmod(self.config_path, 0o644)

    def sleeps(self):
        """How often the process has gone to sleep, and so been woken."""
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(next(line.split()[1] for line in file if line.startswith("voluntary_ctxt_switches")))

    def answers(self):
        try:
            self.status()
            return True
        except OSError:
            return False

    def connect(self, timeout=PATIENCE_S):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(self.socket_path)
        peer.settimeout(timeout)
        return peer

    def ask(self, method, **params):
        with self.connect() as peer:
            peer.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
            with peer.makefile("rb") as lines:
                notes = []
                for line in lines:
                    answer = json.loads(line)
                    if "id" in answer:
                        break
                    notes.append(answer["params"])
                else:
                    raise OSError("no answer to " + method)
        if "error" in answer:
            raise AssertionError("%s: %s" % (method, answer["error"]))
        return notes if params.get("stream") else answer["result"]

    def status(self):
        return self.ask("status")

    def dump(self):
        return self.ask("dump", stream=True)

    def said(self):
        with open(self.said_path, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def wait_for(self, condition, what, patience=PATIENCE_S):
        end = time.monotonic() + patience
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError("bounced ended with %s while waiting for %s: %s"
                                     % (self.process.returncode, what, self.said()[-2000:]))
            if time.monotonic() > end:
                raise AssertionError("waited in vain for %s: %s\n%s" % (what, json.dumps(self.status()), self.said()[-2000:]))
            time.sleep(0.05)

    def wait_to_say(self, words):
        self.wait_for(lambda: words in self.said(), "the words " + repr(words))

    def wait_for_lines(self, count):
        def has_read():
            status = self.status()
            return status["ready"] and status["lines"]["read"] >= count
        self.wait_for(has_read, "%d lines" % count)

    def file(self, path):
        found = [file for file in self.status()["files"] if file["path"] == path]
        return found[0] if found else None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; it must end within two seconds, with status 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("bounced does not end")
        if self.process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError("bounced ended with %d: %s" % (self.process.returncode, self.said()[-4000:]))


class Box:
    """A folder of a test's own, with a log and the daemons that were started."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix="bounced-faults-")
        os.chmod(self.folder, 0o755)
        self.name = name
        self.daemons = []
        self.text = Text()
        os.mkdir(self.path("log"))
        self.log = self.path("log/exim_mainlog")

    def path(self, name):
        return os.path.join(self.folder, name)

    def daemon(self, **options):
        return Daemon(self, options.pop("log", self.log), **options)

    def append(self, data, path=None):
        with open(path or self.log, "ab", buffering=0) as file:
            write_all(file, data)

    def write(self, count, path=None):
        """Appends messages, as Exim's processes do: the file is opened for each."""
        self.append(self.text.some(count), path)

    def check_account(self, status):
        lines, messages = status["lines"], status["messages"]
        parts = lines["with_id"] + lines["without_id"] + lines["continuation"] + lines["unparsed"]
        equal(lines["read"], parts, "lines read against their kinds")
        at_most(lines["overlong"], lines["read"], "overlong lines are among the lines read")
        equal(messages["total"], sum(messages["by_verdict"].values()), "messages against their verdicts")

    def check(self, daemon, extra_lines=0, in_order=True, has_evidence=True):
        """Every line of the text was counted once, and every message is there with its lines in order."""
        expected = self.text.line_count + extra_lines
        daemon.wait_for_lines(expected)
        stories = daemon.dump()
        status = daemon.status()
        equal(status["lines"]["read"], expected, "lines read")
        self.check_account(status)
        seen = [story["id"] for story in stories]
        wanted = list(self.text.messages)
        if not in_order:
            seen, wanted = sorted(seen), sorted(wanted)
        equal(seen, wanted, "ids in the dump")
        if has_evidence:
            for story in stories:
                equal([line["line"] for line in story["evidence"]], self.text.messages[story["id"]], "lines of " + story["id"])
        return status

    def close(self):
        problem = None
        for daemon in self.daemons:
            try:
                daemon.stop()
                if "Sanitizer" in daemon.said() or "runtime error" in daemon.said():
                    problem = problem or AssertionError("sanitizer: " + daemon.said()[-4000:])
            except AssertionError as error:
                problem = problem or error
        if problem:
            raise problem


def write_all(file, data):
    while data:
        data = data[file.write(data):]


def shorten(value):
    text = repr(value)
    return text if len(text) < 600 else text[:600] + "..."


def equal(found, wanted, what):
    if found == wanted:
        return
    if isinstance(found, list) and isinstance(wanted, list):
        for i, (left, right) in enumerate(zip(found + [None], wanted + [None])):
            if left != right:
                raise AssertionError("%s: %d instead of %d; at %d %s instead of %s"
                                     % (what, len(found), len(wanted), i, shorten(left), shorten(right)))
    raise AssertionError("%s: %s instead of %s" % (what, shorten(found), shorten(wanted)))


def at_most(found, limit, what):
    if found > limit:
        raise AssertionError("%s: %s, more than %s" % (what, found, limit))


def truth(condition, what):
    if not condition:
        raise AssertionError(what)


# --- system calls that fail ---

SYSCALLS = {
    "x86_64": (0xC000003E, {"inotify_init1": 294, "inotify_add_watch": 254, "accept4": 288}),
    "aarch64": (0xC00000B7, {"inotify_init1": 26, "inotify_add_watch": 27, "accept4": 242}),
}


def fail_syscall(name, error):
    """For preexec: from now on the system call answers with that errno (0: pretends to have worked), by seccomp(2)."""
    if platform.machine() not in SYSCALLS:
        raise Skip("no table of system calls for " + platform.machine())
    architecture, numbers = SYSCALLS[platform.machine()]
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in [
        (0x20, 0, 0, 4),  # load the architecture
        (0x15, 1, 0, architecture),
        (0x06, 0, 0, 0x7FFF0000),  # allow
        (0x20, 0, 0, 0),  # load the number
        (0x15, 0, 1, numbers[name]),
        (0x06, 0, 0, 0x00050000 | error),  # fail
        (0x06, 0, 0, 0x7FFF0000),
    ])
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)

    def install(_program=buffer):
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.byref(header), 0, 0) != 0:
            os._exit(76)

    return install


# --- the tests of a file ---

tests = []


def fault(function):
    tests.append(function)
    return function


def run(function):
    box = Box(function.__name__)
    began = time.monotonic()
    problem = None
    try:
        function(box)
    except Skip as reason:
        problem = reason
    except Exception:
        problem = traceback.format_exc()
    try:
        box.close()
    except AssertionError as error:
        problem = problem or str(error)
    if problem is None or isinstance(problem, Skip):
        shutil.rmtree(box.folder)
    name = function.__name__.replace("_", " ")
    if isinstance(problem, Skip):
        print("skipped: %s: %s" % (name, problem), flush=True)
    elif problem:
        print("FAILED: %s; see %s\n%s" % (name, box.folder, problem), flush=True)
    else:
        print("%4.1f s  %s" % (time.monotonic() - began, name), flush=True)
    return problem is None or isinstance(problem, Skip)


def main():
    if not os.path.exists(os.path.join(BUILD, "bounced")):
        print("skipped: no bounced in this folder")
        sys.exit(77)
    wanted = [test for test in tests if len(sys.argv) < 2 or test.__name__ in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(run, wanted))
    print("%d of %d" % (sum(results), len(results)))
    sys.exit(0 if results and all(results) else 1)
