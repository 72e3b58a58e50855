# SPDX-License-Identifier: ISC
"""The attacks that come by UDP, and what a host's own changes do to it.

Each function of the table ATTACKS yields cases, functions that return a row;
options.quick is for less.
"""

import ipaddress
import itertools
import struct
import time
from functools import partial

import peers
from report import LATE_MS, Row
from scene import PORT, Scene, can_be_nobody, fetch, ip

CALM = 1  # second

HEALTHZ = "--http=127.0.0.1:9853"


def ask(scene, flows, seconds):
    """What becomes of honest requests, with nothing else going on."""
    return scene.outside(peers.honest, flows, seconds).wait()


# Neighbours that do not exist.

ABSENT = {
    4: (peers.IPV4, [f"192.0.2.{i}" for i in range(101, 251)]),
    6: (peers.IPV6, [f"2001:db8:1::bad:{i:x}" for i in range(1, 1001)]),
}


def neighbours(options):
    """replies to hosts that do not exist wait in the system"""
    cases = itertools.product((1, 4), (4, 6), (100, 3000), (100, 1400))
    if options.quick:
        cases = [(1, 4, 100, 1400), (4, 6, 3000, 1400)]
    for workers, family, rate, size in cases:
        yield partial(neighbours_case, workers, family, rate, size)


def neighbours_case(workers, family, rate, size):
    nobody = workers > 1 and can_be_nobody()
    row = Row("neighbours", f"IPv{family}, {rate}/s, {size} bytes, workers="
              f"{workers}" + (", user=nobody" if nobody else ""))
    user = ["--user=nobody"] if nobody else []
    with Scene(row, HEALTHZ, f"--workers={workers}", *user,
               f"echo=:{PORT}") as scene:
        calm = ask(scene, peers.EVERYBODY, CALM)
        # Replies wait for 3 s; then the kernel gives up.
        start = time.monotonic()
        flood = scene.outside(peers.flood, *ABSENT[family], size, rate)
        watch = scene.inside(peers.watch, "/healthz", 0.2)
        under = ask(scene, peers.EVERYBODY, 4 if rate < 1000 else 3)
        row.attackers = flood.finish()
        row.seconds = time.monotonic() - start
        row.judge(calm, under, late_ms=LATE_MS)
        row.judge_pages(watch.finish())
    return row


# Addresses that come and go.

ADDED = 8000


def addresses(options):
    """thousands of addresses come and go, one by one"""
    for workers in (1,) if options.quick else (1, 4):
        yield partial(addresses_case, workers)


def addresses_case(workers):
    row = Row("addresses", f"{ADDED} added and removed, workers={workers}")
    names = [str(ipaddress.ip_address("172.20.0.0") + i)
             for i in range(ADDED)]
    with Scene(row, HEALTHZ, f"--workers={workers}",
               f"echo=:{PORT}") as scene:
        calm = ask(scene, peers.EVERYBODY, CALM)
        honest = scene.outside(peers.honest, peers.EVERYBODY, 60)
        start = time.monotonic()
        ip("".join(f"addr add {name}/32 dev lo\n" for name in names))
        known = seconds_until_ours(names[-1])
        ip("".join(f"addr del {name}/32 dev lo\n" for name in names))
        row.attackers = 2 * ADDED
        row.seconds = time.monotonic() - start
        row.judge(calm, honest.finish(), share=1)
        row.judge_worst(50)
        row.in_time(known, 1, "known as ours")
        row.figure(f"the last is known as ours after {known * 1e3:.0f} ms")
    return row


def seconds_until_ours(address):
    """Until a datagram that bears it is taken for one of our own."""
    data = peers.packet(address, PORT, "192.0.2.1", b"from ourselves")
    start = time.monotonic()
    while time.monotonic() < start + 10:
        peers.send_once("192.0.2.1", data)
        _, page = fetch("/metrics")
        if any('reason="own-endpoint"' in line and not line.endswith(" 0")
               for line in page.splitlines()):
            break
    return time.monotonic() - start


# Loops.

SPOOFED = 30

LOOPS = [
    # Settings, options, the delay of the other one, and does it count?
    ("IPv4, 20 ms away", [], peers.IPV4[0], "192.0.2.100", 0.02),
    ("IPv6, 20 ms away", [], peers.IPV6[0], "2001:db8:1::100", 0.02),
    ("trusted, near", ["--trust=192.0.2.0/24"], peers.IPV4[0], "192.0.2.100",
     0),
]

# A health check that sends the same bytes 100 times a second.
SAME_BYTES = peers.Flow("203.0.114.9", ["198.51.100.1"], 100, True)


def loops(options):
    """spoofed datagrams set another make's echo server at ours"""
    for case in LOOPS[:1] if options.quick else LOOPS:
        yield partial(loops_case, *case)


def loops_case(settings, arguments, target, source, delay):
    row = Row("loops", settings)
    flows = [*peers.EVERYBODY[:1], *peers.EVERYBODY[2:], SAME_BYTES]
    with Scene(row, *arguments, f"echo=:{PORT}") as scene:
        calm = ask(scene, flows, CALM)
        other = scene.outside(peers.echo, source, 4000, delay)
        start = time.monotonic()
        scene.outside(spoof, [(target, peers.packet(
            source, 4000, target, b"x" * 1000))] * SPOOFED).wait()
        row.attackers = SPOOFED
        under = ask(scene, flows, 4)
        row.seconds = time.monotonic() - start
        looped = other.finish()
        row.judge(calm, under, share=1)
        row.in_time(looped["seconds"], 2, "it ends")
        row.figure(f"{looped['count']} went round, over "
                   f"{looped['seconds']:.1f} s")
    return row


def spoof(stop, begun, packets):
    """Send these, once; not so fast that the receive buffer is full."""
    begun()
    for i, (target, data) in enumerate(packets):
        peers.send_once(target, data)
        if i % 50 == 49:
            stop.wait(0.02)


# Amplification.

SERVICES = {"echo": 7007, "whoami": 7008, "daytime": 7013, "qotd": 7017,
            "chargen": 7019, "time": 7037, "fixed": 7042, "stun": 3478,
            "stamp": 862, "sockperf": 11111}

# Their answers are always longer than these requests.
TOO_LONG = ("whoami", "fixed")

# What answers to the shortest requests take, in IP packets: a little less in
# frames, more than this without the service's own bounds.
BOUNDS = {"stun": {4: 1.5, 6: 2.06}}

STRANGERS = {
    4: (peers.IPV4, ["192.168.77.77", "10.7.7.7", "172.16.7.7",
                     "169.254.169.254", "100.64.7.7", "203.0.114.77"]),
    6: (peers.IPV6, ["fd00:77::77", "2001:db8:77::77"]),
}

SIZES = (0, 1, 18, 100)
TIMES = 5

# Bytes of STAMP: of TWAMP-Light, the base packet, with a TLV or a broken one.
STAMP_SHAPES = ("00" * 14, "00" * 41, "00" * 44,
                "00" * 44 + "8004000428000000", "00" * 44 + "8008ffff")


def amplification(_):
    """private and other strangers' names: what do they get for a byte?"""
    for family in (4, 6):
        yield partial(amplification_case, family)


def sockperf_message(turn, size):
    return struct.pack("!QHI", turn, 3, size) + bytes(size - 14)


def payloads(service, turn):
    """Requests of that service, which differ from those of other turns."""
    if service == "sockperf":
        return [sockperf_message(turn, size) for size in (14, 18, 100)]
    if service == "stun":
        return [struct.pack("!HHI", 1, 0, cookie) + bytes([65 + turn] * 12)
                for cookie in (0x2112a442, turn)]
    if service == "stamp":
        return [bytes([0, 0, 0, turn]) + bytes.fromhex(shape)[4:]
                for shape in STAMP_SHAPES]
    return [bytes([65 + turn] * size) for size in SIZES]


def amplification_case(family):
    targets, sources = STRANGERS[family]
    row = Row("amplification",
              f"IPv{family}, {len(sources)} sources, {len(SERVICES)} services")
    requests = [
        (target, source, port, peers.packet(
            source, 5555, target, payload, port))
        for turn in range(TIMES) for target in targets for source in sources
        for service, port in SERVICES.items()
        for payload in payloads(service, turn)]
    paid = {}
    for _, source, port, data in requests:
        key = f"{port} {source}"
        paid[key] = paid.get(key, 0) + peers.on_wire(len(data))
    with Scene(row) as scene:
        quotes = scene.write("quotes", "An apple a day keeps the doctor away, "
                             "they say, and who are we to disagree?\n")
        # Unsegmented: one datagram is one frame, on this cable, too.
        scene.start("--unsegmented", "--qotd-file=" + quotes,
                    "--fixed-request=41", "--fixed-reply=" + "42" * 200,
                    *(f"{name}=:{port}" for name, port in SERVICES.items()))
        start = time.monotonic()
        sink = scene.outside(peers.sink, targets)
        scene.outside(spoof, [(target, data)
                              for target, _, _, data in requests]).wait()
        scene.wait_quiet()
        row.attackers = len(requests)
        row.seconds = time.monotonic() - start
        judge_amplification(row, family, paid, sink.finish())
    return row


def judge_amplification(row, family, paid, got):
    """On the wire, frames as long as they are, none gets more than it may."""
    names = {str(port): name for name, port in SERVICES.items()}
    totals, worst = {}, {}
    for key, (_, total) in got.items():
        port, source = key.split()
        key = names[port], source
        totals[key] = totals.get(key, 0) + total
    for (name, source), total in totals.items():
        ratio = total / paid[f"{SERVICES[name]} {source}"]
        worst[name] = max(worst.get(name, (0, "")), (ratio, source))
    for name in SERVICES:
        bound = BOUNDS.get(name, {}).get(family, 1)
        ratio, source = worst.get(name, (0, ""))
        row.expect(ratio > 0 or name in TOO_LONG, f"no answers of {name}")
        row.expect(ratio <= bound,
                   f"more than it may be: {name} to {source}, {ratio:.2f}")
    beyond = {name: worst.pop(name, (0, "")) for name in BOUNDS}
    name = max(worst, key=worst.get, default=None)
    row.figure(f"{sum(paid.values())} bytes in, "
               f"{sum(total for _, total in got.values())} out; most of "
               + ", ".join(f"{name} to {source}: {ratio:.2f}"
                           for name, (ratio, source) in
                           [(name, worst.get(name, (0, "")))]
                           + list(beyond.items())))


ATTACKS = {function.__name__: function for function in (
    neighbours, addresses, loops, amplification)}
