# SPDX-License-Identifier: ISC
"""Hosts and the switch between them: namespaces that end with us.

    client --- router --- switch --- node1 node2 node3 balancer

Each has its own network, its own /run, and in /usr/local/sbin what etc/fleet
says is there.
"""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../attack"))

from scene import end_with_parent, wait_until  # noqa: E402

PROGRAMS = ("multihomed", "mhctl")
PATIENCE = 30  # seconds for what surely comes

SETUP = """\
mount --make-rprivate /
mount -t tmpfs fleet /run
mkdir /run/bird /run/multihomed /run/fleet-health
mount -t tmpfs fleet /usr/local/sbin
cp {programs} {etc}/fleet-health /usr/local/sbin
ip link set lo up
for setting in {settings}; do
	echo "${{setting#*=}}" >"/proc/sys/net/${{setting%%=*}}"
done
"""

# Addresses of lo are nobody else's business on the link: ARP is not answered
# for them.
NODE = ("ipv4/conf/all/arp_ignore=1", "ipv4/conf/all/arp_announce=2")
ROUTER = ("ipv4/ip_forward=1", "ipv6/conf/all/forwarding=1",
          "ipv4/fib_multipath_hash_policy=1",
          "ipv6/fib_multipath_hash_policy=1",
          "ipv4/conf/all/send_redirects=0",
          "ipv4/conf/default/send_redirects=0")


def own_namespaces():
    """Run again where nobody is disturbed and everything ends with us."""
    if os.environ.get("MH_FLEET_INSIDE"):
        return
    os.environ["MH_FLEET_INSIDE"] = "1"
    unshare = ["unshare", "--net", "--mount", "--pid", "--fork",
               "--kill-child", "--mount-proc"]
    os.execvp("unshare", unshare + [sys.executable] + sys.argv)


class Host:
    """A host: its namespaces last as long as a process in them."""

    build = etc = out = None

    def __init__(self, name, settings=()):
        self.name = name
        self.daemons = {}
        # pylint: disable-next=consider-using-with
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sleep", "infinity"],
            preexec_fn=end_with_parent)
        ours = os.readlink("/proc/self/ns/mnt")
        found = wait_until(lambda: os.readlink(
            f"/proc/{self.holder.pid}/ns/mnt") != ours, PATIENCE)
        if found is None:
            raise RuntimeError(f"no namespace for {name}")
        self.run("sh", "-ec", SETUP.format(
            programs=" ".join(os.path.join(self.build, one)
                              for one in PROGRAMS),
            etc=self.etc, settings=" ".join(settings)))

    def inside(self, *argv):
        return ["nsenter", "--net", "--mount", "--target",
                str(self.holder.pid), *argv]

    def run(self, *argv, strict=True):
        """Its output."""
        done = subprocess.run(self.inside(*argv), text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if strict and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(argv)}: "
                               f"{done.stdout}{done.stderr}")
        return done.stdout

    def ip(self, *lines):
        subprocess.run(self.inside("ip", "-batch", "-"), check=True,
                       input="\n".join(lines), text=True)

    def spawn(self, name, *argv, environment=()):
        with open(os.path.join(self.out, f"{self.name}-{name}.log"), "a",
                  encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with
            self.daemons[name] = subprocess.Popen(
                self.inside(*argv), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=dict(os.environ, **dict(environment)))

    def signal(self, name, number):
        self.daemons[name].send_signal(number)

    def wait_end(self, name):
        return self.daemons.pop(name).wait(PATIENCE)

    def stop(self):
        for daemon in self.daemons.values():
            daemon.kill()
            daemon.wait()
        self.holder.kill()
        self.holder.wait()

    # What runs on it.

    def start_multihomed(self):
        self.spawn("multihomed", "multihomed", "-c",
                   f"{self.etc}/multihomed.conf", "--node", self.name,
                   "--control", "/run/multihomed/control")

    def wait_ready(self):
        self.wait("multihomed is not ready", lambda: subprocess.run(
            self.inside("mhctl", "status"), check=False, capture_output=True
        ).returncode == 0)

    def wait(self, what, condition):
        if wait_until(condition, PATIENCE) is None:
            raise RuntimeError(f"{self.name}: {what}")

    def start_health(self, mode):
        self.spawn("health", "fleet-health", mode)

    def stop_health(self, mode):
        """As the unit does."""
        self.signal("health", signal.SIGTERM)
        self.wait_end("health")
        self.run("fleet-health", mode, "off")

    def start_bird(self, configuration="bird.conf"):
        self.spawn("bird", "bird", "-f", "-c", f"{self.etc}/{configuration}")

    def start_exabgp(self):
        self.spawn("exabgp", "exabgp", f"{self.etc}/exabgp.conf", environment={
            "exabgp.daemon.user": "root", "exabgp.api.ack": "false",
            "exabgp.api.cli": "false"})

    def start_keepalived(self):
        self.spawn("keepalived", "keepalived", "--dont-fork", "--log-console",
                   "--use-file", f"{self.etc}/keepalived.conf")


class Switch(Host):
    def __init__(self):
        super().__init__("switch")
        self.ip("link add br0 type bridge", "link set br0 up")

    def connect(self, host, number, *lines):
        """Its eth0, with the addresses of that number, and these lines."""
        self.ip(f"link add {host.name} type veth peer name eth0 netns "
                f"/proc/{host.holder.pid}/ns/net",
                f"link set {host.name} master br0",
                f"link set {host.name} up")
        host.ip("link set eth0 addrgenmode none",
                f"link set eth0 address 02:00:00:00:00:{number:02d}",
                f"addr add 192.0.2.{number}/24 dev eth0",
                f"addr add 2001:db8:f::{number}/64 dev eth0 nodad",
                f"addr add fe80::{number}/64 dev eth0 nodad",
                "link set eth0 up", *lines)

    def cut(self, host):
        """No packet passes, but neither side loses its carrier."""
        self.ip(f"link set {host.name} nomaster")

    def mend(self, host):
        self.ip(f"link set {host.name} master br0")


