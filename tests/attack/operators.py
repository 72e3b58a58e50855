# SPDX-License-Identifier: ISC
"""The attacks by HTTP, on what asks itself, and on reloads.

Each function of the table ATTACKS yields cases, functions that return a row;
options.quick is for less.
"""

import contextlib
import os
import resource
import signal
import socket
import time
from functools import partial

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


# Until a request comes, as from a client that is so far away; meanwhile three or
# four others have come.
PAUSE = 0.02

HALF = ("G", 0, 200)
SLOW = ("GET /metrics HTTP/1.0\r\n\r\n", 4096, 200)


def http(options):
    """peers that may ask hold connections, or read large pages"""
    count = endpoints(1000)
    services = ["whoami=" + many(count)]
    yield partial(http_case, "200 half requests", HALF, [])
    yield partial(http_case, f"200 slow readers of {count} endpoints", SLOW, services)
    if options.quick:
        return
    yield partial(http_case, f"{count} endpoints, pages read all the time", None,
                    services)
    for settings, crowd in (("half requests", HALF), ("slow readers", SLOW)):
        yield partial(http_case, f"200 {settings}, 8 descriptors left", crowd,
                        ["whoami=" + many(100)], 8)


def http_case(settings, crowd, services, descriptors=None):
    row = Row("http", settings)
    with Scene(row, HEALTHZ, SERVICE, *services) as scene:
        wait_healthy(row)
        if descriptors:
            leave_descriptors(scene.daemon.pid, descriptors)
        calm = ask(scene, peers.EVERYBODY, CALM)
        start = time.monotonic()
        if crowd:
            actor = scene.inside(peers.crowd, *crowd)
        else:
            actor = scene.inside(peers.readers, ["/", "/metrics"])
        watch = scene.inside(peers.watch, "/healthz", 0.05,
                             0 if descriptors else PAUSE)
        under = ask(scene, peers.EVERYBODY, 3)
        row.judge_pages(watch.finish())
        row.attackers = actor.finish()
        row.seconds = time.monotonic() - start
        row.judge(calm, under, share=1)
    return row


def endpoints(wanted):
    """As many as we have descriptors for, with some to spare."""
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)


def leave_descriptors(pid, count):
    """No more than these, besides those that it has."""
    used = len(os.listdir(f"/proc/{pid}/fd"))
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + count, hard))


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
        yield partial(selfprobe_case, settings, service)
    if not options.quick:
        yield idle_case


def selfprobe_case(settings, service):
    row = Row("selfprobe", settings + ", probe-interval=1")
    with Scene(row, HEALTHZ, "--probe-interval=1", service) as scene:
        start = time.monotonic()
        wait_healthy(row)
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
    sockets = endpoints(16000)
    workers = 16 if sockets > 1600 else 1
    row = Row("selfprobe", f"{sockets // workers} endpoints, workers="
              f"{workers}, idle")
    with Scene(row, HEALTHZ, f"--workers={workers}", SERVICE,
               "whoami=" + many(sockets // workers)) as scene:
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
            row.late.append("more than half a core")
    return row


# The privileged helper.

def helper(_):
    """a reload whose files are never read: honest ones do not wait"""
    yield partial(helper_case, "it does not answer", freeze)
    yield partial(helper_case, "a pipe in the file's place", pipe)


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
        row.expect(not good, "a reload of nothing was good")
        row.in_time(seconds, 4, "refused")
        again, _ = scene.reload()
        row.expect(again, "the next reload is not good")
        time.sleep(CALM)
        row.judge(calm, honest.finish(), share=1)
        row.seconds = time.monotonic() - start
        row.figure(f"refused after {seconds or 5:.1f} s, the next is good")
    return row


# Reloads.

def reload(options):
    """thousands of endpoints come and go by a reload"""
    yield partial(reload_case, endpoints(1000 if options.quick else 9000))


def reload_case(count):
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
        row.expect((peak - first) * 1024 < 8 * count + 16384,
                   "more than 8 KiB for an endpoint")
        wait_until(lambda: scene.memory("VmRSS") < first + 8, 5)
        last = scene.memory("VmRSS")
        row.expect(last < first + 8, "memory is not given back")
        row.figure(f"{took[0]:.1f} s and {took[1]:.1f} s; memory "
                   f"{first:.0f}, at most {peak:.0f}, then {last:.0f} MiB")
    return row


ATTACKS = {function.__name__: function for function in (
    http, selfprobe, helper, reload)}
