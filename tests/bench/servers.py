# SPDX-License-Identifier: ISC
"""The candidates: how to start each, and what its processes have used.

Runs inside the network and process namespaces that ./run made: every port is
free here and every process is ours.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def read(path):
    """The text of a file that may vanish, as those of /proc do."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def pin(cores):
    """For Popen: run on those cores alone."""
    return lambda: os.sched_setaffinity(0, cores)


def port_is_open(port):
    wanted = f":{port:04X} "
    return any(wanted in read("/proc/net/" + table)
               for table in ("udp", "udp6"))


class Usage:
    """What a server's processes have used since they were started."""

    def __init__(self, root):
        self.nanoseconds = self.user = self.system = 0
        self.resident = self.peak = self.files = 0
        for pid in descendants(root):
            self.add(pid)

    def add(self, pid):
        stat = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if len(stat) < 15:
            return
        user, system, dead_user, dead_system = map(int, stat[11:15])
        self.user += user + dead_user
        self.system += system + dead_system
        self.nanoseconds += (dead_user + dead_system) * 10**9 // TICKS
        for task in listdir(f"/proc/{pid}/task"):
            schedstat = read(f"/proc/{pid}/task/{task}/schedstat").split()
            self.nanoseconds += int(schedstat[0]) if schedstat else 0
        for line in read(f"/proc/{pid}/status").splitlines():
            if line.startswith("VmHWM"):
                self.peak += int(line.split()[1])
            elif line.startswith("VmRSS"):
                self.resident += int(line.split()[1])
        self.files += len(listdir(f"/proc/{pid}/fd"))


def listdir(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def descendants(root):
    children = {}
    for pid in filter(str.isdigit, listdir("/proc")):
        stat = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if stat:
            children.setdefault(int(stat[1]), []).append(int(pid))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += children.get(pid, [])
    return found


class Server:
    """A server that answers on a port; a context manager."""

    cores = [0]  # what all servers have to themselves

    def __init__(self, name, port, argv, wrapper=(), cores=None, log=None):
        self.name = name
        self.log = log          # a file for what it says, or None
        self.port = port
        self.argv = [*wrapper, *argv]
        self.cores = cores or Server.cores
        self.process = None
        self.seconds_to_end = 0

    def __enter__(self):
        with open(self.log or os.devnull, "w", encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log,
                preexec_fn=pin(self.cores))
        deadline = time.monotonic() + 20
        while not port_is_open(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("did not start: " + " ".join(self.argv))
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End it, and all processes that it has left."""
        start = time.monotonic()
        # strace ends with the program that it runs, so that goes first.
        for pid in reversed(descendants(self.process.pid)):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.seconds_to_end = time.monotonic() - start

    def usage(self):
        return Usage(self.process.pid)

    def wait_busy(self, patience):
        """Until it has worked for 50 ms from now on, or this many seconds."""
        enough = self.usage().nanoseconds + 50 * 10**6
        deadline = time.monotonic() + patience
        while (self.usage().nanoseconds < enough
               and time.monotonic() < deadline):
            time.sleep(0.02)

    def totals(self):
        """What multihomed says at its end that it has counted."""
        return {name: int(count) for name, count
                in re.findall(r"([a-z-]+)=(\d+)", read(self.log))}


class Candidates:
    """All servers that can be started here."""

    def __init__(self, build, other, peers, scratch, cores):
        Server.cores = cores
        self.other = other      # program of another build, or None
        self.build = build
        self.peers = peers      # folder of unpacked packages
        self.scratch = scratch  # for configuration files

    def program(self, name):
        for folder in ("usr/bin", "usr/sbin"):
            path = os.path.join(self.peers, folder, name)
            if os.access(path, os.X_OK):
                return path
        return shutil.which(name)

    def limit(self, port=7001, **how):
        return Server("recvmmsg/sendmmsg", port,
                      [self.build + "/tests/bench/limit", str(port)], **how)

    def sources(self, port=7008):
        """The least that an answer from the right source costs."""
        return Server("recvmmsg/sendmmsg, right source", port,
                      [self.build + "/tests/bench/limit", "-p", str(port)])

    def single(self, port=7002):
        return Server("recvfrom/sendto", port,
                      [self.build + "/tests/bench/limit", "-1", str(port)])

    def repaired(self, ways, port, *options):
        """A bare server by itself, and as mhrun starts it in each way."""
        limit = [self.build + "/tests/bench/limit", *options]
        title = "recvfrom/sendto" if options else "recvmmsg/sendmmsg"
        return [Server(title, port, [*limit, str(port)])] + [
            Server(" ".join((title + ",", "mhrun", *way)), port + i,
                   [self.build + "/mhrun", *way, "--", *limit, str(port + i)])
            for i, way in enumerate(ways, 1)]

    def multihomed(self, *options, name="multihomed", port=7003, **how):
        return Server(name, port, [self.build + "/multihomed",
                                   "--log-level=error", *options,
                                   f"echo=:{port}"], **how)

    def library(self, *options, name="libmultihome", port=7020, **how):
        """The library alone."""
        return Server(name, port, [self.build + "/tests/bench/library",
                                   *options, str(port)], **how)

    def service(self, service, port, *options, name=None):
        return Server(f"multihomed {name or service}", port, [
            self.build + "/multihomed", "--log-level=error", *options,
            f"{service}=:{port}"])

    def before(self, **how):
        """The multihomed of another build."""
        return Server("multihomed before", 7002, [
            self.other, "--log-level=error", "echo=:7002"], **how)

    def library_before(self, **how):
        """The library of that build; None if its bench has not been built."""
        program = os.path.join(os.path.dirname(self.other),
                               "tests/bench/library")
        if not os.access(program, os.X_OK):
            return None
        return Server("libmultihome before", 7022, [program, "7022"], **how)

    def others(self):
        """What users would pick for echo; those that are here."""
        socat = self.program("socat")
        ncat = self.program("ncat")
        xinetd = self.program("xinetd")
        inetd = self.program("inetutils-inetd")
        found = []
        if socat:
            found += [
                Server("socat, a process a datagram", 7101,
                       [socat, "UDP6-RECVFROM:7101,ipv6only=0,fork", "PIPE"]),
                Server("socat, a process a peer", 7102,
                       [socat, "UDP6-LISTEN:7102,ipv6only=0,fork", "PIPE"])]
        if ncat:
            found.append(Server("ncat", 7103, [
                ncat, "-u", "-l", "-k", "-e", "/bin/cat", "7103"]))
        if xinetd:
            config = self.configuration("xinetd", (
                "service echo\n{\n\ttype = INTERNAL UNLISTED\n"
                "\tid = echo-dgram\n\tsocket_type = dgram\n"
                "\tprotocol = udp\n\tport = 7104\n\tuser = root\n"
                "\twait = yes\n\tcps = 1000000 1\n}\n"))
            found.append(Server("xinetd", 7104, [
                xinetd, "-dontfork", "-filelog", "/dev/null", "-f", config]))
        if inetd:
            config = self.configuration(
                "inetd", "echo dgram udp wait root internal\n")
            found.append(Server("inetutils-inetd", 7, [
                inetd, "-d", "-R", "0", config]))
        return found

    def configuration(self, name, text):
        path = os.path.join(self.scratch, name + ".conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path
