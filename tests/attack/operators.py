# SPDX-License-Identifier: ISC
"""The attacks by HTTP and signals, and what an operator's own hand can do.

Each function of the table ATTACKS yields rows; options.quick is for less.
"""

import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import time

import peers
from attacks import CALM, HEALTHZ, ask
from report import Row
from scene import PORT, Scene, children, fetch, wait_until

SERVICE = f"echo=:{PORT}"


# HTTP.

def many(count):
    """Endpoints, as one list; any address of 127.0.0.0/8 is ours."""
    return ",".join(f"127.1.{i // 250}.{i % 250 + 1}:7008"
                    for i in range(count))


def http(options):
    """peers that may ask hold connections, or read large pages"""
    yield http_case("200 half requests", ["G", 0, 200], [])
    yield http_case("200 slow readers of 1000 endpoints", [
        "GET /metrics HTTP/1.0\r\n\r\n", 4096, 200],
        ["whoami=" + many(1000)])
    if not options.quick:
        yield http_case("1000 endpoints, pages read all the time", None,
                        ["whoami=" + many(1000)])


def http_case(settings, crowd, services):
    row = Row("http", settings)
    with Scene(row, HEALTHZ, SERVICE, *services) as scene:
        wait_healthy(row)
        calm = ask(scene, peers.EVERYBODY, CALM)
        start = time.monotonic()
        if crowd:
            actor = scene.inside(peers.crowd, *crowd)
        else:
            actor = scene.inside(peers.readers, ["/", "/metrics"])
        watch = scene.inside(peers.watch, "/healthz", 0.05)
        under = ask(scene, peers.EVERYBODY, 3)
        row.judge_pages(watch.finish())
        row.attackers = actor.finish()
        row.seconds = time.monotonic() - start
        row.judge(calm, under, share=1)
    return row


def wait_healthy(row, patience=20):
    """Seconds until /healthz is 200: it has asked all its sockets by then."""
    seconds = wait_until(lambda: fetch("/healthz")[0] == 200, patience)
    row.expect(seconds is not None, f"/healthz is {fetch('/healthz')[0]}")
    return seconds or patience


# The daemon's questions to itself.

def selfprobe(options):
    """health of any address of ours; no socket that strangers reach"""
    for settings, service in (
            ("127.0.0.2 alone", f"echo=127.0.0.2:{PORT}"),
            ("fe80::1%v0 alone", f"echo=[fe80::1%v0]:{PORT}"),
            ("every address", SERVICE)):
        yield selfprobe_case(settings, service)
    if not options.quick:
        yield idle_case()


def selfprobe_case(settings, service):
    row = Row("selfprobe", settings + ", probe-interval=1")
    with Scene(row, HEALTHZ, "--probe-interval=1", service) as scene:
        start = time.monotonic()
        watch = scene.inside(peers.watch, "/healthz", 0.05)
        # One that never comes back is missed after a second.
        time.sleep(2.5)
        row.judge_pages(watch.finish())
        ports = own_ports(scene.daemon.pid)
        before = drops(ports)
        knocks = [(target, port) for port in ports
                  for target in ("192.0.2.1", "2001:db8:1::1", "fe80::1%v0")]
        refused = scene.outside(knock, knocks).wait()
        row.attackers = len(knocks)
        dropped = drops(ports) - before
        reached = len(knocks) - refused - dropped
        row.seconds = time.monotonic() - start
        row.expect(reached == 0, f"{reached} datagrams of strangers reach "
                   "its own sockets")
        row.expect(fetch("/healthz")[0] == 200, "/healthz fell")
        row.figure(f"{len(ports)} UDP sockets of its own, {refused} knocks "
                   f"refused, {dropped} dropped by the system")
    return row


def udp_table():
    """Of every UDP socket here: port, inode, datagrams dropped at it."""
    for table in ("udp", "udp6"):
        with open(f"/proc/self/net/{table}", encoding="ascii") as file:
            for line in list(file)[1:]:
                words = line.split()
                yield (int(words[1].rpartition(":")[2], 16), words[9],
                       int(words[12]))


def own_ports(pid):
    """Ports of its UDP sockets that are no service's."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    ports = {port for port, inode, _ in udp_table()
             if f"socket:[{inode}]" in inodes}
    return sorted(ports - {0, PORT})


def drops(ports):
    return sum(dropped for port, _, dropped in udp_table() if port in ports)


def knock(_, begun, places):
    """Send to each of them; how many does the system refuse?"""
    begun()
    refused = 0
    for target, port in places:
        with socket.socket(peers.family_of(target),
                           socket.SOCK_DGRAM) as ours:
            ours.settimeout(0.2)
            ours.connect(peers.name_of(target, port))
            ours.send(b"anybody there?")
            try:
                ours.recv(99)
            except ConnectionRefusedError:
                refused += 1
            except TimeoutError:
                pass
    return refused


def idle_case():
    """What asking itself costs while nobody asks it."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    workers = max(1, min(16, (files - 1000) // 1100))
    row = Row("selfprobe", f"1000 endpoints, workers={workers}, idle")
    with Scene(row, HEALTHZ, f"--workers={workers}", SERVICE,
               "whoami=" + many(1000)) as scene:
        start = time.monotonic()
        seconds = wait_healthy(row, 60)
        before = scene.cpu_seconds()
        calm = ask(scene, peers.EVERYBODY, CALM)
        under = ask(scene, peers.EVERYBODY, 4)
        row.seconds = time.monotonic() - start
        used = (scene.cpu_seconds() - before) / (CALM + 4)
        row.judge(calm, under, share=1)
        row.figure(f"{used:.2f} of a core, /healthz 200 after {seconds:.1f} s")
        if used > 0.5:
            row.slow.append("more than half a core")
    return row


# The privileged helper.

def helper(_):
    """a reload whose files are never read: honest ones do not wait"""
    yield helper_case("it does not answer", freeze)
    yield helper_case("a pipe in the file's place", pipe)


@contextlib.contextmanager
def freeze(scene):
    """Whatever it is that hangs, open(2) on NFS or a disk."""
    stopped = children(scene.daemon.pid)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    yield len(stopped)
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def pipe(scene):
    """Nobody ever writes to it."""
    path = scene.path("conf")
    os.rename(path, path + ".kept")
    os.mkfifo(path)
    yield 1
    os.rename(path + ".kept", path)


def helper_case(settings, hang):
    row = Row("helper", settings)
    with Scene(row) as scene:
        path = scene.write("conf", f"[echo]\nlisten = :{PORT}\n")
        scene.start("-c", path)
        calm = ask(scene, peers.EVERYBODY, CALM)
        start = time.monotonic()
        honest = scene.outside(peers.honest, peers.EVERYBODY, 60)
        with hang(scene) as row.attackers:
            row.expect(row.attackers > 0, "it has no helper")
            good, seconds = scene.reload(patience=5)
        row.expect(not good and seconds is not None and seconds < 4,
                   "the reload did not fail in time")
        again, _ = scene.reload()
        row.expect(again, "the next reload is not good")
        row.judge(calm, honest.finish(), share=1)
        row.seconds = time.monotonic() - start
        row.figure(f"refused after {seconds or 5:.1f} s, the next is good")
    return row


# Reloads.

def reload(options):
    """thousands of endpoints come and go by a reload"""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(1000 if options.quick else 9000, files - 1000)
    row = Row("reload", f"1 to {count} endpoints, and back")
    few = f"[echo]\nlisten = :{PORT}\n"
    with Scene(row) as scene:
        path = scene.write("conf", few)
        scene.start("-c", path)
        first = scene.memory("VmRSS")
        calm = ask(scene, peers.EVERYBODY, CALM)
        start = time.monotonic()
        honest = scene.outside(peers.honest, peers.EVERYBODY, 60)
        took = []
        for text in (few + "[whoami]\nlisten = " + many(count), few):
            scene.write("conf", text)
            good, seconds = scene.reload(60)
            row.expect(good, "a reload failed")
            took.append(seconds or 60)
        row.attackers = 2
        row.judge(calm, honest.finish(), share=1)
        row.judge_worst(50)
        row.seconds = time.monotonic() - start
        peak = scene.memory("VmHWM")
        row.expect((peak - first) * 1024 < 32 * count + 16384,
                   "more than 32 KiB for an endpoint")
        row.figure(f"{took[0]:.1f} s and {took[1]:.1f} s; memory "
                   f"{first:.0f}, at most {peak:.0f}, then "
                   f"{scene.memory('VmRSS'):.0f} MiB")
    yield row


# Signals.

SIGNALS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP)


def signals(options):
    """signals before it is ready, and a log that nobody reads"""
    runs = 10 if options.quick else 30
    for number in SIGNALS:
        yield signals_case(number, runs)
    yield broken_log_case(runs // 3)


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
    # The last instructions of the loader are the C library's.
    row.expect(killed <= runs // 10, f"{killed} of {runs} killed")
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
    row = Row("files", "four ways to name a file, then reload")
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
    yield row
    yield port_file_case()


def port_file_case():
    row = Row("files", "port-file is no regular file")
    with Scene(row) as scene:
        start = time.monotonic()
        path = scene.path("ports")
        os.mkfifo(path)
        ended = subprocess.run(
            scene.command("--port-file=" + path, SERVICE), timeout=20,
            stderr=subprocess.DEVNULL, check=False)
        row.seconds = time.monotonic() - start
        row.expect(ended.returncode == 78, f"exit code {ended.returncode}")
        row.expect(not os.path.isfile(path), "it was replaced")
        os.unlink(path)
    row.attackers = 1
    row.figure(f"refused with exit code {ended.returncode}")
    return row


ATTACKS = {function.__name__: function for function in (
    http, selfprobe, helper, reload, signals, files)}
