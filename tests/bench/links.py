#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""How long answers take while links come and go on a host of many links.

multihomed with 20 services and a plain server of four lines are asked in turn,
from another network namespace, so that whatever else the machine does is the
same for both.  Everything is in namespaces that end with this program.
"""

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import time

SERVICES = 20
PLAIN_PORT, FIRST_PORT = 9000, 7001

PLAIN = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", %d))
while True:
    s.sendto(*s.recvfrom(2000))
""" % PLAIN_PORT


def enter_namespaces():
    """Run again where nobody is disturbed and everything ends with us."""
    if os.environ.get("MH_BENCH_INSIDE"):
        return
    os.environ["MH_BENCH_INSIDE"] = "1"
    unshare = ["unshare", "--net", "--pid", "--fork", "--kill-child",
               "--mount-proc"]
    if os.geteuid() != 0:
        unshare.insert(1, "--map-root-user")
    os.execvp("unshare", unshare + [sys.executable] + sys.argv)


def ip(lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True,
                   check=True)


def inside(pid, *argv):
    """That command, in the network namespace of this process."""
    return ["nsenter", "--net", "--target", str(pid), *argv]


def make_client():
    """The other host: a process that holds its namespace open."""
    holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    pid = holder.pid
    ours = os.readlink("/proc/self/ns/net")
    end = time.monotonic() + 5
    while os.readlink(f"/proc/{pid}/ns/net") == ours:
        if holder.poll() is not None or time.monotonic() > end:
            sys.exit("links.py: no network namespace for the client")
        time.sleep(0.01)
    ip(["link set lo up",
        f"link add v0 type veth peer name v0 netns {pid}",
        "addr add 192.0.2.1/24 dev v0", "link set v0 up"])
    subprocess.run(inside(pid, "ip", "-batch", "-"), text=True,
                   input="addr add 192.0.2.100/24 dev v0\nlink set v0 up\n",
                   check=True)
    return pid


def make_links(links, addresses):
    for i in range(links // 2):
        ip([f"link add a{i} type veth peer name b{i}",
            f"link set a{i} up", f"link set b{i} up"])
    ip([f"addr add 172.{20 + i // 65536}.{i // 256 % 256}.{i % 256}/32 dev lo"
        for i in range(addresses)])


@contextlib.contextmanager
def running(argv, **options):
    process = subprocess.Popen(argv, **options)
    yield process
    process.kill()
    process.wait()


def churn(child):
    """Links come and go, as fast as the system makes them."""
    round_of_one = ("link add x type veth peer name y\nlink set x up\n"
                    "link set y up\nlink del x\n").encode()
    with contextlib.suppress(BrokenPipeError):
        while True:
            os.write(child.stdin.fileno(), round_of_one)


def wait_for_servers(client):
    """Until the last port of each has answered, and nothing else comes."""
    client.settimeout(0.1)
    for port in (PLAIN_PORT, FIRST_PORT + SERVICES - 1):
        answered = False
        while not answered:
            client.sendto(b"ready?", ("192.0.2.1", port))
            with contextlib.suppress(TimeoutError):
                answered = client.recvfrom(2000)[1][1] == port
    with contextlib.suppress(TimeoutError):
        while True:
            client.recv(2000)


def ask(seconds):
    """In turn; seconds that each answer took, and how many did not come."""
    names = {"multihomed": FIRST_PORT, "plain": PLAIN_PORT}
    took, lost = {name: [] for name in names}, dict.fromkeys(names, 0)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wait_for_servers(client)
    client.settimeout(1)
    number, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1
        for name, port in names.items():
            if name == "multihomed":
                port += number % SERVICES
            request = b"%s %d" % (name.encode(), number)
            start = time.perf_counter()
            client.sendto(request, ("192.0.2.1", port))
            try:
                while client.recv(2000) != request:
                    pass
                took[name].append(time.perf_counter() - start)
            except TimeoutError:
                lost[name] += 1
            time.sleep(0.002)
    for name, values in took.items():
        values.sort()
        parts = " ".join(
            f"{part:g}%: {values[int(len(values) * part / 100)] * 1e3:.2f}"
            for part in (50, 98, 99.9))
        print(f"{name:10}  {parts} ms, worst {values[-1] * 1e3:.2f} ms, "
              f"lost {lost[name]} of {len(values) + lost[name]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--links", type=int, default=400)
    parser.add_argument("--addresses", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--program", default="build/multihomed")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask(options.seconds)
        return
    enter_namespaces()
    client = make_client()
    make_links(options.links, options.addresses)
    services = [f"echo:s{i}=:{FIRST_PORT + i}" for i in range(SERVICES)]
    with running([options.program, "-qq", "--rate", "none", "-w",
                  str(options.workers), *services]), \
            running([sys.executable, "-c", PLAIN]), \
            running(["ip", "-batch", "-"], stdin=subprocess.PIPE) as links, \
            running(inside(client, sys.executable, sys.argv[0], "--ask",
                           "--seconds", str(options.seconds))) as asking:
        if os.fork() == 0:
            churn(links)
            os._exit(0)
        asking.wait()


main()
