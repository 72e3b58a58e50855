# SPDX-License-Identifier: ISC
"""What an operator's own hand can do: signals, files, a line of options.

Each function of the table ATTACKS yields cases, functions that return a row;
options.quick is for less.
"""

import os
import random
import signal
import socket
import stat
import subprocess
import time
from functools import partial

from attacks import HEALTHZ
from operators import SERVICE
from report import Row
from scene import PATIENCE, PORT, Scene, fetch, wait_until

# Signals.

SIGNALS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP)


def signals(options):
    """signals before it is ready, and a log that nobody reads"""
    runs = 20 if options.quick else 60
    for number in SIGNALS:
        yield partial(signals_case, number, runs)
    yield partial(broken_log_case, 10)


def signals_case(number, runs):
    row = Row("signals", f"{number.name} in the first 6 ms")
    killed = loading = 0
    with Scene(row) as scene:
        start = time.monotonic()
        for _ in range(runs):
            scene.spawn(SERVICE)
            time.sleep(random.random() * 0.006)
            is_loading = shoot(scene.daemon.pid, number)
            scene.wait_log(": listening on ")
            dead = scene.daemon.poll() is not None
            loading += dead and is_loading
            killed += dead and not is_loading
            scene.daemon.terminate()
            scene.daemon.wait()
        scene.daemon = None
        row.seconds = time.monotonic() - start
    row.attackers = runs
    # The last instructions of the loader are the C library's; how many runs
    # meet them is chance.
    if killed > runs // 10:
        row.late.append(f"{killed} of {runs} killed")
    row.figure(f"{killed} killed, and {loading} by a signal to the loader, "
               "before there is a program")
    return row


def shoot(pid, number):
    """Send the signal; did it find the dynamic loader still at work?"""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: state(pid) in "tT")
    with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
        at = int(file.read().split()[-1], 16)
    with open(f"/proc/{pid}/maps", encoding="ascii") as file:
        lines = [line.split() for line in file]
    os.kill(pid, number)
    os.kill(pid, signal.SIGCONT)
    for words in lines:
        first, _, end = words[0].partition("-")
        if int(first, 16) <= at < int(end, 16):
            return "/ld-" in words[-1] or "/ld." in words[-1]
    return False


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0]


def broken_log_case(runs):
    """Its log goes to a pipe whose reader has gone."""
    row = Row("signals", "the log is a broken pipe")
    killed = 0
    with Scene(row) as scene:
        start = time.monotonic()
        for _ in range(runs):
            reading, writing = os.pipe()
            os.close(reading)
            with subprocess.Popen(scene.command(HEALTHZ, SERVICE),
                                  stderr=writing) as daemon:
                os.close(writing)
                wait_until(lambda: fetch("/healthz")[0] == 200
                           or daemon.poll() is not None)
                killed += daemon.poll() is not None
                daemon.terminate()
        row.seconds = time.monotonic() - start
    row.attackers = runs
    row.expect(killed == 0, f"{killed} of {runs} killed")
    row.figure(f"{killed} of {runs} killed")
    return row


# Files.

QUOTES = "An apple a day\n"

FILES = [
    # What, the configuration, options, and the name of the file of quotes.
    ("--qotd-file on the command line", f"[qotd]\nlisten = :{PORT}\n",
     "quotes", True),
    ("a byte order mark",
     f"\ufefffile = {{file}}\n[qotd]\nlisten = :{PORT}\n", "quotes", False),
    ("a name with :",
     f"[qotd]\nlisten = :{PORT}\nfile: {{file}}\n", ":quotes", False),
    ("a name with =",
     f"[qotd]\nlisten = :{PORT}\nfile = {{file}}\n", "=quotes", False),
]


def files(_):
    """reloads of configurations that are written otherwise; port-file"""
    yield files_case
    for settings, make in PLACES.items():
        yield partial(port_file_case, settings, make)


def files_case():
    row = Row("files", f"{len(FILES)} ways to name a file, then reload")
    start = time.monotonic()
    for what, text, name, is_option in FILES:
        with Scene(row) as scene:
            scene.write(name, QUOTES)
            path = scene.write("conf", text.replace("{file}", name))
            scene.start("-c", path, *(["--qotd-file=" + name] * is_option))
            good, _ = scene.reload()
            row.expect(good, f"{what}: the reload failed")
    row.attackers = len(FILES)
    row.seconds = time.monotonic() - start
    row.figure(f"{len(FILES) - len(row.failures)} good")
    return row


def make_device(path):
    """As /dev/null is one; root alone can make it."""
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as ours:
        ours.bind(path)


PLACES = {
    "a pipe": os.mkfifo,
    "a directory": os.mkdir,
    "a socket": make_socket,
    "a device": make_device,
    "a link to nothing": lambda path: os.symlink("no-such-file", path),
}


def port_file_case(settings, make):
    row = Row("files", f"port-file is {settings}")
    with Scene(row) as scene:
        path = os.path.join(scene.folder("place"), "ports")
        try:
            make(path)
        except PermissionError:
            row.figure("we may not make one")
            return row
        before = os.lstat(path)
        code, text = run(scene, row, "--port-file=" + path, SERVICE)
        after = os.lstat(path)
        row.expect(code == os.EX_CONFIG, f"exit code {code}")
        row.expect(path in text, "it is not named")
        row.expect((before.st_mode, before.st_ino) ==
                   (after.st_mode, after.st_ino), "it was replaced")
        row.figure(f"refused with exit code {code}")
    return row


# Lines of options.

def mistakes(_):
    """what cannot be meant, or is meant to be undone, and is not said"""
    yield syslog_case
    yield two_files_case
    yield partial(sockets_case, "FileDescriptorName=ehco", "echo:ehco",
                  '"ehco"')
    yield partial(sockets_case, "LISTEN_FDS=2 LISTEN_FDNAMES=echo", "echo",
                  "LISTEN_FDNAMES")
    yield drain_case


def run(scene, row, *arguments):
    """Until it ends by itself; its exit code, and standard error."""
    start = time.monotonic()
    row.attackers = 1
    try:
        ended = subprocess.run(
            scene.command(*arguments), timeout=PATIENCE, text=True,
            check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            cwd=scene.scratch)
    except subprocess.TimeoutExpired:
        row.fail("it runs")
        return None, ""
    finally:
        row.seconds = time.monotonic() - start
    return ended.returncode, ended.stderr


def syslog_case():
    row = Row("mistakes", "log = syslog, and the port is taken")
    with Scene(row, SERVICE) as scene:
        code, text = run(scene, row, "--log=syslog", SERVICE)
        row.expect(code == os.EX_UNAVAILABLE, f"exit code {code}")
        row.expect(f":{PORT}" in text, "no reason on standard error")
        row.figure(f"exit code {code}, and the reason on standard error")
    return row


def two_files_case():
    row = Row("mistakes", "-c A -c B")
    with Scene(row) as scene:
        names = [scene.write(name, f"[{name}]\nlisten = :0\n")
                 for name in ("echo", "whoami")]
        code, text = run(scene, row, "-t", *(
            word for name in names for word in ("-c", name)))
        row.expect(code == os.EX_USAGE and "-c" in text,
                   f"exit code {code}: {text.strip()}")
        row.figure(f"refused with exit code {code}")
    return row


def sockets_case(settings, names, said):
    """Of two sockets of the service manager, one has no service."""
    row = Row("mistakes", settings)
    with Scene(row) as scene, \
            socket.socket(type=socket.SOCK_DGRAM) as one, \
            socket.socket(type=socket.SOCK_DGRAM) as other:
        for ours in (one, other):
            ours.bind(("", 0))
        start = time.monotonic()
        scene.spawn("echo", fds=(one, other), names=names)
        try:
            code = scene.daemon.wait(PATIENCE)
            row.expect(code == os.EX_CONFIG, f"exit code {code}")
            row.figure(f"refused with exit code {code}")
            scene.daemon = None
        except subprocess.TimeoutExpired:
            row.fail("it runs")
        row.expect(said in scene.read_log(), "it is not named")
        row.seconds = time.monotonic() - start
        row.attackers = 1
    return row


def drain_case():
    row = Row("mistakes", "SIGUSR2, and again")
    with Scene(row, HEALTHZ, SERVICE) as scene:
        start = time.monotonic()
        for turn, status in enumerate((503, 200) * 2):
            scene.daemon.send_signal(signal.SIGUSR2)
            row.expect(wait_until(
                lambda status=status: fetch("/readyz")[0] == status)
                is not None, f"/readyz is not {status} (turn {turn})")
        row.seconds = time.monotonic() - start
        row.attackers = 4
        row.figure("drained and undone, twice")
    return row


ATTACKS = {function.__name__: function for function in (
    signals, files, mistakes)}
