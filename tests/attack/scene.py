# SPDX-License-Identifier: ISC
"""The daemon on a host of its own, and a cable to a neighbour's.

Network namespaces without names, as in tests/net/netns.c: a descriptor keeps
one alive, and the system removes it with the last one.  We are on the server's
side; whoever attacks or asks from outside is an Actor, a process of ours that
steps into the neighbour's namespace.

    server                               client
    v0  192.0.2.1/24                     v0  192.0.2.100/24
        2001:db8:1::1/64                     2001:db8:1::100/64
        fe80::1/64                           fe80::100/64
    lo  198.51.100.1/32                  lo  203.0.114.9/32
        2001:db8:2::1/128                    2001:db8:9::9/128
    default routes to the client
"""

import contextlib
import ctypes
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
SIOCGIFFLAGS = 0x8913
IFF_RUNNING = 0x40
LIBC = ctypes.CDLL(None, use_errno=True)

PORT = 7007
HTTP = 9853
PATIENCE = 20  # seconds for what surely comes

SERVER_SIDE = """\
link set lo up
link add v0 index 10 type veth peer name v0 netns {client}
link set v0 addrgenmode none
addr add 192.0.2.1/24 dev v0
addr add 2001:db8:1::1/64 dev v0 nodad
addr add fe80::1/64 dev v0 nodad
addr add 198.51.100.1/32 dev lo
addr add 2001:db8:2::1/128 dev lo nodad
link set v0 up
"""

CLIENT_SIDE = """\
link set lo up
link set v0 addrgenmode none
addr add 192.0.2.100/24 dev v0
addr add 2001:db8:1::100/64 dev v0 nodad
addr add fe80::100/64 dev v0 nodad
addr add 203.0.114.9/32 dev lo
addr add 2001:db8:9::9/128 dev lo nodad
link set v0 up
route add 198.51.100.0/24 via 192.0.2.1 src 203.0.114.9
route add 2001:db8:2::/64 via 2001:db8:1::1
"""

# No ICMP error waits for a token.
SETTINGS = ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit")

SERVER_ROUTES = """\
route add default via 192.0.2.100
route add ::/0 via 2001:db8:1::100
"""


def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def enter(netns):
    check(LIBC.setns(netns, CLONE_NEWNET), "enter a namespace")


def end_with_parent():
    """For Popen: whatever ends us ends it."""
    check(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "end with the parent")


def new_namespace():
    """A descriptor of a new namespace, in which we are now."""
    check(LIBC.unshare(CLONE_NEWNET), "make a namespace")
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def ip(lines, strict=True):
    subprocess.run(["ip", "-force", "-batch", "-"], input=lines, text=True,
                   check=strict, capture_output=not strict)


def wait_for_cable(netns):
    """Until the system has noticed that there is one; it takes up to a second.

    Before that it sends nothing over IPv6, and loses what waits for ARP.
    """
    enter(netns)

    def is_up():
        with socket.socket(type=socket.SOCK_DGRAM) as ours:
            found = fcntl.ioctl(ours, SIOCGIFFLAGS,
                                struct.pack("16sH14x", b"v0", 0))
        return struct.unpack("16xH14x", found)[0] & IFF_RUNNING
    if wait_until(is_up) is None:
        raise RuntimeError("the cable stays down")


def children(parent):
    """The process ids of its children."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), \
                open(f"/proc/{pid}/stat", encoding="ascii") as file:
            if int(file.read().rpartition(")")[2].split()[1]) == parent:
                found.append(int(pid))
    return found


def can_be_nobody():
    """Are there other users than root in here?"""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return any(int(line.split()[2]) > 65534 for line in file)


def wait_until(condition, patience=PATIENCE):
    """Seconds until it was true, or None."""
    start = time.monotonic()
    while time.monotonic() < start + patience:
        if condition():
            return time.monotonic() - start
        time.sleep(0.01)
    return None


class Stop:
    """What an actor is asked to end by."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def wait(self, seconds):
        """Wait; True if it is time to end."""
        return bool(select.select([self.descriptor], [], [],
                                  max(0, seconds))[0])


class Actor:
    """A function in a process and a namespace of its own.

    It gets a Stop, a function to call when it has begun, and the arguments;
    what it returns is the result of finish().
    """

    def __init__(self, netns, work, *arguments):
        self.ended = False
        self.result, result = os.pipe()
        stop, self.stop = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.stop)
            self.run(netns, work, arguments, stop, result)
        os.close(result)
        os.close(stop)
        self.text = os.read(self.result, 1)
        if not self.text:
            raise RuntimeError(f"{work.__name__} did not start")

    @staticmethod
    def run(netns, work, arguments, stop, result):
        code = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            enter(netns)
            text = json.dumps(work(
                Stop(stop), lambda: os.write(result, b" "), *arguments))
            while text:
                text = text[os.write(result, text.encode()):]
            code = 0
        except Exception:  # pylint: disable=broad-exception-caught
            traceback.print_exc()
        finally:
            os._exit(code)

    def wait(self):
        """Its result, when it ends by itself."""
        text = b""
        while True:
            more = os.read(self.result, 65536)
            if not more:
                break
            text += more
        os.close(self.result)
        os.close(self.stop)
        _, status = os.waitpid(self.pid, 0)
        self.ended = True
        if status != 0:
            raise RuntimeError("an actor failed")
        return json.loads(text)

    def finish(self):
        os.write(self.stop, b".")
        return self.wait()

    def kill(self):
        """Whatever it does; harmless if it has ended."""
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


# Its arguments are numbers, in one word, and the command.
HAND_OVER = """\
import fcntl, os, sys
found = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 20) for one in
         sys.argv[1].split(",")]
for number, one in enumerate(found, 3):
    os.dup2(one, number)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


def hand_over(command, fds, names):
    """The same command as the service manager runs it, and its environment.

    The sockets have numbers from 3 on, and LISTEN_PID is its own.
    """
    numbers = ",".join(str(ours.fileno()) for ours in fds)
    return ([sys.executable, "-c", HAND_OVER, numbers, *command],
            dict(os.environ, LISTEN_FDS=str(len(fds)),
                 LISTEN_FDNAMES=names))


class Scene:
    """Both hosts, and the daemon; a context manager."""

    build = "build"
    scratch = "."
    log_folder = "."

    def __init__(self, row, *arguments):
        self.row = row
        self.log = os.path.join(self.log_folder, row.file_name() + ".log")
        self.server = self.client = None
        self.daemon = None
        self.arguments = arguments
        self.actors = []

    def __enter__(self):
        self.client = new_namespace()
        self.server = new_namespace()
        pid = os.getpid()
        ip(SERVER_SIDE.format(client=f"/proc/{pid}/fd/{self.client}"))
        enter(self.client)
        ip(CLIENT_SIDE)
        enter(self.server)
        ip(SERVER_ROUTES)
        for netns in (self.client, self.server):
            wait_for_cable(netns)
        for setting in SETTINGS:
            with open("/proc/sys/net/" + setting, "w", encoding="ascii") as file:
                file.write("0")
        if self.arguments:
            self.start(*self.arguments)
        return self

    def __exit__(self, *_):
        for actor in self.actors:
            actor.kill()
        if self.daemon:
            self.stop()
        os.close(self.server)
        os.close(self.client)

    # The daemon.

    def command(self, *arguments):
        return [os.path.join(self.build, "multihomed"), *arguments]

    def spawn(self, *arguments, fds=(), names=""):
        """fds: sockets that a service manager hands over, with these names."""
        command, environment = self.command(*arguments), None
        if fds:
            command, environment = hand_over(command, fds, names)
        with open(self.log, "w", encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with
            self.daemon = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, env=environment,
                pass_fds=[ours.fileno() for ours in fds],
                stdout=subprocess.DEVNULL, stderr=log, cwd=self.scratch)

    def start(self, *arguments):
        self.spawn(*arguments)
        last = ": listening on "
        if any(one.startswith("--http=") for one in arguments):
            last = "http" + last
        if self.wait_log(last) is None:
            raise RuntimeError("did not start: " + self.read_log().strip())

    def stop(self):
        """End it; what it counted goes into the row."""
        self.daemon.terminate()
        try:
            code = self.daemon.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            code = self.daemon.wait()
        if code != 0:
            self.row.fail(f"the daemon ended with {code}")
        self.row.count(self.totals())
        self.daemon = None

    def read_log(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_log(self, text, count=1, patience=PATIENCE):
        """Seconds until it is in the log that often, or None."""
        found = wait_until(lambda: self.read_log().count(text) >= count
                           or self.daemon.poll() is not None, patience)
        return found if self.read_log().count(text) >= count else None

    def totals(self):
        """What it says at its end that it has counted, of all endpoints."""
        text = self.read_log().rpartition("stopping on signal")[2]
        sums = {}
        for name, value in re.findall(r"([a-z-]+)=(\d+)", text):
            sums[name] = sums.get(name, 0) + int(value)
        return sums

    def memory(self, key):
        """VmHWM or VmRSS, in MiB."""
        pid = self.daemon.pid
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return int(re.search(key + r":\s*(\d+)", file.read())[1]) / 1024

    def cpu_seconds(self):
        total, pid = 0, self.daemon.pid
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat",
                      encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def reload(self, patience=PATIENCE):
        """Send SIGHUP: was it good, and how many seconds did it take?"""
        words = ("multihomed: reloaded ", "keeping the previous")
        before = [self.read_log().count(text) for text in words]
        self.daemon.send_signal(signal.SIGHUP)

        def changed():
            return [self.read_log().count(text) for text in words] != before
        seconds = wait_until(changed, patience)
        return (seconds is not None
                and self.read_log().count(words[0]) > before[0], seconds)

    def wait_quiet(self):
        """Until it has taken what was sent: nothing waits at its sockets."""
        def is_quiet():
            waiting = []
            for table in ("udp", "udp6"):
                with open(f"/proc/self/net/{table}", encoding="ascii") as file:
                    waiting += [line.split()[4] for line in file][1:]
            return all(one.endswith(":00000000") for one in waiting)
        wait_until(is_quiet)

    # Files.

    def path(self, name):
        return os.path.join(self.scratch, name)

    def folder(self, name):
        """An empty one in the scratch folder; its path."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        os.mkdir(self.path(name))
        return self.path(name)

    def write(self, name, text):
        """Put a file into the scratch folder, at once; its path."""
        with open(self.path(name + ".fresh"), "wb") as file:
            file.write(text.encode())
        os.replace(self.path(name + ".fresh"), self.path(name))
        return self.path(name)

    # Those who ask.

    def outside(self, work, *arguments):
        return self.actor(self.client, work, arguments)

    def inside(self, work, *arguments):
        return self.actor(self.server, work, arguments)

    def actor(self, netns, work, arguments):
        self.actors.append(Actor(netns, work, *arguments))
        return self.actors[-1]


def fetch(path, pause=0, patience=5):
    """GET: the status and the text; 0 if there was no answer.

    The request comes a little later than the connection, as from far away.
    """
    with socket.socket() as peer:
        peer.settimeout(patience)
        try:
            peer.connect(("127.0.0.1", HTTP))
            time.sleep(pause)
            peer.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            text = b""
            while True:
                more = peer.recv(1 << 16)
                if not more:
                    break
                text += more
        except OSError:
            return 0, ""
    found = re.match(rb"HTTP/1\.[01] (\d+)", text)
    return (int(found[1]) if found else 0), text.decode()
