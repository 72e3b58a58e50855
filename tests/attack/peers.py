# SPDX-License-Identifier: ISC
"""Who is at the other end: honest clients, floods, an echo, a sink.

Each function here is the work of an Actor (scene.py).  Datagrams in the name
of others are made by hand, for raw sockets.
"""

import collections
import contextlib
import heapq
import ipaddress
import itertools
import random
import select
import socket
import struct
import time

from scene import HTTP, PORT, fetch

SO_TIMESTAMPNS = 35
IPV6_HDRINCL = 36

LATE_NS = 10**9  # an answer that comes later is lost

Flow = collections.namedtuple("Flow", "source targets rate same",
                              defaults=(False,))

# An on-link client and a routed one, of both families; each asks both an
# address of the cable and one of lo.
IPV4 = ["192.0.2.1", "198.51.100.1"]
IPV6 = ["2001:db8:1::1", "2001:db8:2::1"]
EVERYBODY = [
    Flow("192.0.2.100", IPV4, 100),
    Flow("203.0.114.9", IPV4, 100),
    Flow("2001:db8:1::100", IPV6, 100),
    Flow("2001:db8:9::9", IPV6, 100),
]


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def name_of(address, port):
    """As the system wants it, with the number of its interface."""
    return socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0][4]


class Client:
    """One flow: sends at its pace, knows what came back, and when."""

    serial = itertools.count()

    def __init__(self, flow, port=PORT):
        self.source, targets, self.rate, self.same = flow
        self.targets = [(target, name_of(target, port)) for target in targets]
        self.socket = socket.socket(family_of(self.source), socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(name_of(self.source, 0))
        self.socket.setblocking(False)
        self.sent = self.unsent = self.wrong = 0
        self.waiting = collections.OrderedDict()
        self.times = []

    def send(self):
        self.sent += 1
        target, name = self.targets[self.sent % len(self.targets)]
        number = next(self.serial)
        text = self.question(number)
        self.waiting[number] = text, target, time.time_ns()
        try:
            self.socket.sendto(text, name)
        except OSError:
            self.unsent += 1

    def question(self, number):
        return b"are you there?" if self.same else \
            b"honest %d %d" % (self.socket.getsockname()[1], number)

    @staticmethod
    def is_answer(text, question):
        return text == question

    def receive(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                text, control, _, name = self.socket.recvmsg(2048, 64)
                seconds, nanoseconds = struct.unpack("ll", control[0][2][:16])
                self.take(text, name[0], seconds * 10**9 + nanoseconds)

    def take(self, text, source, when):
        """The oldest question that it answers."""
        number = next((number for number, question in self.waiting.items()
                       if self.is_answer(text, question[0])), None)
        if number is None:
            return
        _, target, sent = self.waiting.pop(number)
        self.wrong += source != target
        if when - sent < LATE_NS:
            self.times.append(when - sent)

    def forget(self):
        """What is lost; keeps the search short."""
        late = time.time_ns() - 2 * LATE_NS
        while self.waiting and next(iter(self.waiting.values()))[2] < late:
            self.waiting.popitem(last=False)


DNS_PORT = 53


def query(name, kind, number, options=b""):
    """A question of DNS, in class IN or, of id.server, CH."""
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    extra = struct.pack("!BHHIH", 0, 41, 1232, 0, len(options)) + options \
        if options else b""
    return struct.pack("!HHHHHH", number & 0xffff, 0x100, 1, 0, 0,
                       bool(options)) + labels + struct.pack(
                           "!BHH", 0, kind, 3 if name == b"id.server" else 1) \
        + extra


class Resolver(Client):
    """The same as a client of DNS."""

    def __init__(self, flow):
        super().__init__(flow, DNS_PORT)

    def question(self, number):
        return query(b"whoami", 28 if ":" in self.source else 1, number)

    @staticmethod
    def is_answer(text, question):
        """With the client's address, that is: one answer, and no error."""
        return (text[:2] + text[12:len(question)] == question[:2] + question[12:]
                and text[2:8] == b"\x85\0\0\1\0\1")


def honest(stop, begun, flows, seconds, kind=None):
    """Ask for so many seconds, or until we are to stop, and a second more."""
    make = Resolver if kind == "dns" else Client
    clients = [make(Flow(*flow)) for flow in flows]
    poll = select.poll()
    poll.register(stop.descriptor, select.POLLIN)
    by_descriptor = {client.socket.fileno(): client for client in clients}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    start = time.monotonic()
    due = [(start + i / client.rate / len(clients), i)
           for i, client in enumerate(clients)]
    heapq.heapify(due)
    end = start + seconds
    begun()
    while True:
        now = time.monotonic()
        if now >= end + LATE_NS / 1e9:
            break
        while due[0][0] <= now and due[0][0] < end:
            when, i = due[0]
            clients[i].send()
            heapq.heapreplace(due, (when + 1 / clients[i].rate, i))
            clients[i].forget()
        next_due = due[0][0] if due[0][0] < end else end + LATE_NS / 1e9
        for descriptor, _ in poll.poll(max(0, (next_due - now) * 1e3)):
            if descriptor in by_descriptor:
                by_descriptor[descriptor].receive()
            else:
                poll.unregister(descriptor)
                end = min(end, time.monotonic())
        if now > end and not any(client.waiting for client in clients):
            break
    return {
        "sent": sum(client.sent for client in clients),
        "unsent": sum(client.unsent for client in clients),
        "wrong": sum(client.wrong for client in clients),
        "times": [took for client in clients for took in client.times],
        "lost": {client.source: client.sent - len(client.times)
                 for client in clients
                 if client.sent > len(client.times)},
    }


def watch(stop, begun, path, interval, pause=0):
    """GET a page again and again: how often, what came, the worst time."""
    statuses, worst = {}, 0
    begun()
    while True:
        start = time.monotonic()
        status, _ = fetch(path, pause)
        worst = max(worst, time.monotonic() - start)
        statuses[str(status)] = statuses.get(str(status), 0) + 1
        if stop.wait(interval):
            return {"statuses": statuses, "worst": worst}


# Datagrams by hand.

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def packet(source, source_port, target, payload, port=PORT):
    """An IP packet of either family."""
    pair = b"".join(ipaddress.ip_address(one).packed
                    for one in (source, target))
    length = 8 + len(payload)
    udp = struct.pack("!HHHH", source_port, port, length, 0)
    if ":" in target:
        total = checksum(pair + struct.pack("!II", length, 17) + udp + payload)
        return (struct.pack("!IHBB", 6 << 28, length, 17, 64) + pair
                + udp[:6] + struct.pack("!H", total) + payload)
    # IPv4 takes a checksum of 0 for none, and the system fills in its own.
    return (struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, 17, 0)
            + pair + udp + payload)


def raw_socket(target):
    raw = socket.socket(family_of(target), socket.SOCK_RAW, socket.IPPROTO_RAW)
    if ":" in target:
        raw.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
    return raw


def forged(targets, sources, size, count=2000):
    """Packets, each with bytes of its own: so that none looks like a loop."""
    random.seed(1)
    return [(target, packet(sources[i % len(sources)],
                            random.randrange(30000, 60000), target,
                            random.randbytes(size)))
            for i, target in zip(range(count), itertools.cycle(targets))]


BURST = 50  # after a pause that we did not want; the rest is not made up for


def flood(stop, begun, targets, sources, size, rate):
    """Send in the name of others, at this rate, until told to stop."""
    packets = itertools.cycle(forged(targets, sources, size))
    raw = raw_socket(targets[0])
    sent = 0
    begun()
    start = time.monotonic()
    while not stop.wait(0.001):
        due = (time.monotonic() - start) * rate
        if due > sent + BURST:
            start += (due - sent - BURST) / rate
            due = sent + BURST
        while sent < due:
            target, data = next(packets)
            raw.sendto(data, (target, 0))
            sent += 1
    return sent


def queries(stop, begun, targets, rate, count):
    """That many of DNS, each in the name of another host of IPv4."""
    random.seed(1)
    kinds = [query(b"whoami", 1, 1), query(b"whoami", 16, 2),
             query(b"whoami", 16, 3, b"\0\x0a\0\x08clientsp"),
             query(b"whoami", 16, 4, b"\0\x0a\0\x18clientsp" + b"\1" * 16),
             query(b"nowhere", 1, 5), query(b"id.server", 16, 6),
             query(b"whoami", 1, 7)[:-1], b"not a query of DNS"]
    packets = [(target, bytearray(packet("0.0.0.0", 1, target, kind, DNS_PORT)))
               for target in targets for kind in kinds]
    raw = raw_socket(targets[0])
    sent = 0
    begun()
    start = time.monotonic()
    while sent < count and not stop.wait(0.001):
        due = min(count, (time.monotonic() - start) * rate)
        if due > sent + BURST:
            start += (due - sent - BURST) / rate
            due = sent + BURST
        while sent < due:
            target, data = packets[sent % len(packets)]
            # Of no multicast group, not this host, nor one on its link.
            data[12:16] = struct.pack("!I", 0x0b000000 + random.getrandbits(25))
            data[20:22] = struct.pack("!H", 1024 + random.getrandbits(15))
            raw.sendto(data, (target, 0))
            sent += 1
    return sent


def send_once(target, data):
    with raw_socket(target) as raw:
        raw.sendto(data, (target, 0))


def echo(stop, begun, address, port, delay):
    """Somebody else's echo server: how often, and for how long?"""
    ours = socket.socket(family_of(address), socket.SOCK_DGRAM)
    ours.bind((address, port))
    ours.setblocking(False)
    queue, count = [], itertools.count()
    first = last = None
    begun()
    while not stop.wait(0):
        wait = queue[0][0] - time.monotonic() if queue else 0.05
        select.select([ours, stop.descriptor], [], [], max(0, min(wait, 0.05)))
        with contextlib.suppress(BlockingIOError):
            while True:
                data, peer = ours.recvfrom(9999)
                last = time.monotonic()
                first = first or last
                heapq.heappush(queue, (last + delay, next(count), data, peer))
        while queue and queue[0][0] <= time.monotonic():
            _, _, data, peer = heapq.heappop(queue)
            ours.sendto(data, peer)
    return {"count": next(count), "seconds": (last or 0) - (first or 0)}


def sink(stop, begun, sources):
    """What arrives from these addresses: by port, peer and the peer's port the
    frames, their bytes, and those of the packets in them.

    As long as on the wire: a frame is padded to 60 bytes.
    """
    ours = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                         socket.htons(0x0003))
    ours.setblocking(False)
    counts = {}
    begun()
    ending = False
    while True:
        try:
            data, (_, _, kind, *_) = ours.recvfrom(9999)
        except BlockingIOError:
            if ending:
                return counts
            select.select([ours, stop.descriptor], [], [])
            ending = stop.wait(0)
            continue
        seen = dissect(data)
        if kind != socket.PACKET_OUTGOING and seen and seen[0] in sources:
            key = f"{seen[2]} {seen[1]} {seen[3]}"
            frames, total, packets = counts.get(key, (0, 0, 0))
            counts[key] = (frames + 1, total + on_wire(len(data)),
                           packets + len(data))


def dissect(data):
    """Addresses and ports of a UDP packet, the source first; or None."""
    if data[0] >> 4 == 4 and data[9] == socket.IPPROTO_UDP:
        names, udp = data[12:20], data[20:]
    elif data[0] >> 4 == 6 and data[6] == socket.IPPROTO_UDP:
        names, udp = data[8:40], data[40:]
    else:
        return None
    half = len(names) // 2
    return (str(ipaddress.ip_address(names[:half])),
            str(ipaddress.ip_address(names[half:])),
            *struct.unpack("!HH", udp[:4]))


def on_wire(length):
    """Of an Ethernet frame with so many bytes in it, without its checksum."""
    return max(60, 14 + length)


# HTTP.

def crowd(stop, begun, request, receive_buffer, count):
    """Hold so many connections; those that are closed are opened again."""
    held, made = [], 0

    def dial():
        peer = socket.socket()
        if receive_buffer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                            receive_buffer)
        peer.settimeout(1)
        with contextlib.suppress(OSError):
            peer.connect(("127.0.0.1", HTTP))
            peer.send(request.encode())
        peer.setblocking(False)
        return peer

    def is_closed(peer):
        try:
            return not receive_buffer and peer.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    for _ in range(count):
        held.append(dial())
    begun()
    while not stop.wait(0.005):
        i = random.randrange(count)
        if receive_buffer or is_closed(held[i]):
            held[i].close()
            held[i] = dial()
            made += 1
    return count + made


def readers(stop, begun, paths):
    """Read pages, one after another."""
    count = 0
    begun()
    for path in itertools.cycle(paths):
        status, _ = fetch(path)
        count += status == 200
        if stop.wait(0):
            return count
