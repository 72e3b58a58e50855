# SPDX-License-Identifier: ISC
"""The attacks that come by UDP, and what a host's own changes do to it.

Each function of the table ATTACKS yields cases, functions that return a row;
options.quick is for less.
"""

import ipaddress
import itertools
import struct
import time
import zlib
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
            "stamp": 862, "sockperf": 11111, "dns": 53, "sntp": 123,
            "beacon": 3075, "irtt": peers.IRTT_PORT}

# Their answers are always longer than these requests.
TOO_LONG = ("whoami", "fixed")

# What answers take at the most, in frames.
BOUNDS = {"stun": {4: 1.49, 6: 1.98}, "dns": {4: 2.0, 6: 2.0},
          "irtt": {4: 1.22, 6: 1.14}}

STRANGERS = {
    4: (peers.IPV4, ["192.168.77.77", "10.7.7.7", "172.16.7.7",
                     "169.254.169.254", "100.64.7.7", "203.0.114.77"]),
    6: (peers.IPV6, ["fd00:77::77", "2001:db8:77::77"]),
}

SIZES = (0, 1, 18, 100)
TIMES = 5

ID = "41" * 12  # another one each time

# What the manual says of requests: their names, bytes, and the bytes of the
# answers over IPv4 and IPv6; 0: none.
MANUAL = {
    "stun": (
        ("plain", "000100002112a442" + ID, 44, 92),
        ("CHANGE-REQUEST", f"000100082112a442{ID}0003000400000000", 56, 116),
        ("classic, CHANGE-REQUEST", f"0001000801010101{ID}0003000400000000",
         56, 92),
        ("FINGERPRINT", f"000100082112a442{ID}80280004", 52, 100),
        ("an unknown attribute", f"000100042112a442{ID}77770000", 36, 36),
        ("the most", f"0001000c2112a442{ID}8022000800000000", 68, 116),
        ("the most, IPv6", f"000100082112a442{ID}8022000400000000", 56, 116),
    ),
    "stamp": (
        ("TWAMP-Light, 14 bytes", "41" * 4 + "00" * 10, 0, 0),
        ("TWAMP-Light, 41 bytes", "41" * 4 + "00" * 37, 0, 0),
        ("base packet", "41" * 4 + "00" * 40, 44, 44),
        ("with a TLV", "41" * 4 + "00" * 40 + "8004000428000000", 52, 52),
        ("with a malformed TLV", "41" * 4 + "00" * 40 + "8008ffff", 48, 48),
    ),
}
FIRST_PORT = 5555  # of who asks, for each of these another one
HEADERS = {4: 28, 6: 48}


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
    if service == "irtt":
        return [peers.IRTT_MAGIC + bytes([flags, 1, 2, 2, 126, 3, 2 * turn + 2])
                + bytes.fromhex(more) for flags in (1, 5) for more in
                ("", "050606060706", "0920" + "72" * 32)]
    if service == "sntp":
        return [bytes([version << 3 | 3, turn]) + bytes(46 + more)
                for version in (1, 4) for more in (0, 20)]
    if service == "beacon":
        return [b"\xff\xff" + bytes([turn]) * size for size in (0, 30)] + [
            b"\x59\0\2g" + bytes([turn] * 11)]
    if service == "dns":
        return [peers.query(b"whoami", kind, turn, options)
                for kind in (1, 16, 28, 33, 255)
                for options in (b"", b"\0\3\0\0", b"\0\x0a\0\x08clientsp")] \
            + [peers.query(b"id.server", 16, turn, b"\0\3\0\0"),
               peers.query(b"nowhere", 1, turn), bytes([0, turn] * 6)]
    if service not in MANUAL:
        return [bytes([65 + turn] * size) for size in SIZES]
    return [finish(bytes.fromhex(text.replace("41" * 4, f"{65 + turn:02x}" * 4)))
            for _, text, _, _ in MANUAL[service]]


def finish(data):
    """Fill in what depends on the bytes before it."""
    if data[-4:] == b"\x80\x28\0\4":
        return data + struct.pack("!I", zlib.crc32(data[:-4]) ^ 0x5354554e)
    return data.ljust(20 + data[3], b"\0") if data[0] == 0 else data


def amplification_case(family):
    targets, sources = STRANGERS[family]
    row = Row("amplification",
              f"IPv{family}, {len(sources)} sources, {len(SERVICES)} services")
    requests = [
        (target, f"{port} {source} {FIRST_PORT + i}", peers.packet(
            source, FIRST_PORT + i, target, payload, port))
        for turn in range(TIMES) for target in targets for source in sources
        for service, port in SERVICES.items()
        for i, payload in enumerate(payloads(service, turn))]
    paid = {}
    for _, key, data in requests:
        frames, total = paid.get(key, (0, 0))
        paid[key] = frames + 1, total + peers.on_wire(len(data))
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
                              for target, _, data in requests]).wait()
        scene.wait_quiet()
        row.attackers = len(requests)
        row.seconds = time.monotonic() - start
        judge_amplification(row, family, paid, sink.finish())
    return row


def judge_amplification(row, family, paid, got):
    """On the wire, frames as long as they are, none gets more than it may."""
    worst = {}
    for name, port in SERVICES.items():
        for key in [key for key in got if key.startswith(f"{port} ")]:
            ratio = got[key][1] / paid[key][1]
            worst[name] = max(worst.get(name, (0, "")), (ratio, key))
        ratio, key = worst.get(name, (0, ""))
        row.expect(ratio > 0 or name in TOO_LONG, f"no answers of {name}")
        row.expect(ratio <= BOUNDS.get(name, {}).get(family, 1),
                   f"more than it may be: {name} to {key}, {ratio:.2f}")
    judge_manual(row, family, paid, got)
    beyond = {**MANUAL, **BOUNDS}
    others = [name for name in worst if name not in beyond]
    most = max(others, key=worst.get, default="echo")
    row.figure(f"{sum(total for _, total in paid.values())} bytes in, "
               f"{sum(total for _, total, _ in got.values())} out; most of "
               + ", ".join(f"{name}: {worst.get(name, (0, ''))[0]:.2f}"
                           for name in (most, *beyond)))


def judge_manual(row, family, paid, got):
    """Every packet is answered, and is as long, as the manual has it."""
    for name, shapes in MANUAL.items():
        for i, (shape, _, *lengths) in enumerate(shapes):
            length = lengths[family == 6]
            expected = length and HEADERS[family] + length
            for key, (frames, _) in paid.items():
                if key.split()[::2] != [str(SERVICES[name]),
                                        str(FIRST_PORT + i)]:
                    continue
                packets = got.get(key, (0, 0, 0))[2]
                row.expect(packets == frames * expected,
                           f"{name}, {shape}: {packets} bytes for {frames} "
                           f"requests, not {expected} each")


# DNS.

QUERIES = 1000000
QUERIES_RATE = 20000

# What memory may grow by, in MiB: pages that are used for the first time.
SLACK = 1


def dns(options):
    """queries in the name of a million hosts"""
    yield partial(dns_case, QUERIES // 10 if options.quick else QUERIES)


def dns_case(count):
    row = Row("dns", f"{count} queries, each of another host")
    with Scene(row, "dns=:53") as scene:
        ask_dns = partial(scene.outside, peers.honest, peers.EVERYBODY)
        calm = ask_dns(CALM, peers.Resolver).wait()
        scene.outside(peers.queries, peers.IPV4, QUERIES_RATE,
                      count // 10).wait()
        before = {key: scene.memory(key) for key in ("VmRSS", "VmData")}
        start = time.monotonic()
        under = ask_dns(600, peers.Resolver)
        row.attackers = scene.outside(peers.queries, peers.IPV4, QUERIES_RATE,
                                      count).wait()
        row.seconds = time.monotonic() - start
        row.judge(calm, under.finish())
        row.expect(row.attackers == count, "not all were sent")
        for key, was in before.items():
            grown = scene.memory(key) - was
            row.expect(grown <= SLACK, f"{key} grew by {grown:.2f} MiB")
            row.figure(f"{key} {was:.1f} MiB, {grown:+.2f}")
    return row


# Sessions.

OPENS = 100000
OPENS_RATE = 10000


def opens(options):
    """forged open requests, each of which a session might begin with"""
    count = OPENS // 10 if options.quick else OPENS
    for workers, family in ((1, 4), (1, 6)) if options.quick else \
            itertools.product((1, 4), (4, 6)):
        yield partial(opens_case, workers, family, count)


def open_of(target, number):
    """One in the name of somebody behind the router."""
    source = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" \
        if "." in target \
        else f"2001:db8:{5 + (number >> 16):x}:{number & 65535:x}::1"
    return target, peers.packet(source, 1024 + number % 60000, target,
                                peers.IRTT_OPEN, peers.IRTT_PORT)


def open_all(stop, begun, targets, numbers, rate):
    begun()
    start = time.monotonic()
    raw = peers.raw_socket(targets[0])
    for sent, number in enumerate(numbers, 1):
        target, data = open_of(targets[number % len(targets)], number)
        raw.sendto(data, (target, 0))
        if sent % 20 == 0:
            stop.wait(start + sent / rate - time.monotonic())
    return len(numbers)


def both(one, other):
    """What became of the requests of two groups."""
    return {"sent": one["sent"] + other["sent"],
            "wrong": one["wrong"] + other["wrong"],
            "times": one["times"] + other["times"],
            "lost": {**one["lost"], **other["lost"]}}


def opens_case(workers, family, count):
    row = Row("opens", f"IPv{family}, {count}, workers={workers}")
    targets = STRANGERS[family][0]
    with Scene(row, f"--workers={workers}",
               f"irtt=:{peers.IRTT_PORT}") as scene:
        calm = scene.outside(peers.honest, peers.EVERYBODY, CALM,
                             peers.Tester).wait()
        # Pages that are used for the first time; by others than later.
        scene.outside(open_all, targets, range(count, count + count // 10),
                      OPENS_RATE).wait()
        before = scene.memory("VmRSS")
        live = scene.outside(peers.honest, peers.EVERYBODY, 60, peers.Tester)
        start = time.monotonic()
        forger = scene.outside(open_all, targets, range(count), OPENS_RATE)
        # Those who begin meanwhile, and those who did before.
        fresh = scene.outside(peers.honest, peers.EVERYBODY,
                              count / OPENS_RATE * 0.8, peers.Tester).wait()
        row.attackers = forger.wait()
        row.seconds = time.monotonic() - start
        row.judge(calm, both(fresh, live.finish()), share=1)
        grown = scene.memory("VmRSS") - before
        row.expect(grown < 0.5, f"{grown:.2f} MiB more")
        row.figure(f"VmRSS {before:.1f} MiB, {grown:+.2f}")
        row.expect(row.attackers == count, "not all were sent")
    row.expect(row.counters.get("no-space", 0) == 0, "sessions run out")
    return row


ATTACKS = {function.__name__: function for function in (
    neighbours, addresses, loops, amplification, dns, opens)}
