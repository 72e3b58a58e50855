# SPDX-License-Identifier: ISC
"""Who asks all the time, and what was lost when."""

import array
import json
import os
import select
import signal
import socket
import struct
import sys
import time
import traceback

from scene import end_with_parent, enter

PORT = 7007
FLOWS = 32        # source ports, of each family
INTERVAL = 0.004  # seconds between two requests of a family
LATE = 1.0        # seconds that an answer may take

REQUEST = struct.Struct("!8sI")
FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}


class Flow:
    """A socket that asks a VIP, and sees who answers."""

    def __init__(self, family, target):
        self.family, self.target = family, target
        self.socket = self.open()
        self.socket.setblocking(False)

    def open(self):
        made = socket.socket(FAMILIES[self.family], socket.SOCK_DGRAM)
        made.bind(("", 0))
        return made

    def port(self):
        return self.socket.getsockname()[1]

    def send(self, number):
        self.socket.sendto(REQUEST.pack(b"fleet 17", number),
                           (self.target, PORT))

    def receive(self):
        """The number of a request, and whether the right one answers it."""
        data, source = self.socket.recvfrom(2048)
        return (REQUEST.unpack(data)[1],
                source[:2] == (self.target, PORT))


class Ping(Flow):
    """The same by ICMP: the kernel answers, without any daemon."""

    def open(self):
        protocol = socket.IPPROTO_ICMP
        if self.family == "IPv6":
            protocol = socket.IPPROTO_ICMPV6
        return socket.socket(FAMILIES[self.family], socket.SOCK_RAW, protocol)

    def port(self):
        return 0

    def send(self, number):
        message = struct.pack("!BBHII", 128 if self.family == "IPv6" else 8,
                              0, 0, 0xf1ee7017, number)
        if self.family == "IPv4":
            total = sum(struct.unpack("!6H", message))
            total = (total & 0xffff) + (total >> 16)
            total = (total & 0xffff) + (total >> 16)
            message = message[:2] + struct.pack("!H", ~total & 0xffff) \
                + message[4:]
        self.socket.sendto(message, (self.target, 0))

    def receive(self):
        data, source = self.socket.recvfrom(2048)
        if self.family == "IPv4":
            data = data[20:]
        kind, _, _, mark, number = struct.unpack("!BBHII", data[:12])
        if kind not in (0, 129) or mark != 0xf1ee7017:
            raise ValueError("somebody else's")
        return number, source[0] == self.target


class Traffic:
    """A process on the client that asks in turn by each of its flows.

    finish() has what it has seen: for each request when it was sent, by which
    flow, and when it was answered, or 0.
    """

    def __init__(self, host, flows, interval=INTERVAL):
        """flows: functions that return lists of flows to ask by at a time."""
        self.interval = interval
        self.make = flows
        self.sent, self.answered = array.array("d"), array.array("d")
        self.flow = array.array("I")
        self.wrong = 0
        result, self.result = os.pipe()
        self.stop, stop = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(stop)
                end_with_parent()
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                self.work(host)
                code = 0
            except BaseException:  # pylint: disable=broad-exception-caught
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(self.result)
        os.close(self.stop)
        self.result, self.stop = open(result, "rb"), stop
        self.flows = json.loads(self.result.readline() or "null")
        if self.flows is None:
            raise RuntimeError("the client did not start")

    def write(self, data):
        while data:
            data = data[os.write(self.result, data):]

    # In the process.

    def work(self, host):
        enter(os.open(f"/proc/{host.holder.pid}/ns/net", os.O_RDONLY))
        rows = self.make()
        order = [flow for row in rows for flow in row]
        self.poll = select.epoll()
        self.by_fd = {flow.socket.fileno(): flow for flow in order}
        for descriptor in self.by_fd:
            self.poll.register(descriptor, select.EPOLLIN)
        self.write(json.dumps([[flow.family, flow.port()]
                               for flow in order]).encode() + b"\n")
        index = {flow: number for number, flow in enumerate(order)}
        # Who measures must not wait for those who work.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        due, turn = time.monotonic(), 0
        while not select.select([self.stop], [], [], 0)[0]:
            for flow in rows[turn % len(rows)]:
                self.ask(flow, index[flow])
            turn += 1
            due += self.interval
            self.listen(due)
        self.listen(time.monotonic() + LATE)
        self.write(json.dumps({
            "sent": list(self.sent), "answered": list(self.answered),
            "flow": list(self.flow), "wrong": self.wrong}).encode())

    def ask(self, flow, index):
        number = len(self.sent)
        self.sent.append(time.monotonic())
        self.answered.append(0)
        self.flow.append(index)
        try:
            flow.send(number)
        except OSError:
            pass  # lost

    def listen(self, until):
        while True:
            left = until - time.monotonic()
            for descriptor, _ in self.poll.poll(max(0, left)):
                self.hear(self.by_fd[descriptor])
            if left <= 0:
                return

    def hear(self, flow):
        try:
            number, is_right = flow.receive()
        except (OSError, ValueError, struct.error):
            return
        if not is_right:
            self.wrong += 1
        elif number < len(self.sent):
            self.answered[number] = time.monotonic()

    # Of us.

    def finish(self):
        os.write(self.stop, b".")
        text = self.result.read()
        os.close(self.stop)
        self.result.close()
        os.waitpid(self.pid, 0)
        seen = json.loads(text)
        self.sent, self.answered = seen["sent"], seen["answered"]
        self.flow, self.wrong = seen["flow"], seen["wrong"]

    def abort(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def window(self, start, end, flows=None):
        """What was sent then (by these flows), and what of it was lost."""
        sent = [number for number, when in enumerate(self.sent)
                if start <= when < end
                and (flows is None or self.flow[number] in flows)]
        return sent, [number for number in sent if not self.answered[number]]

    def outage(self, start, end, flows):
        """Seconds for which (one of) these flows were not answered.

        From the last request before that was answered to the first one after:
        what nobody has asked counts as lost.
        """
        sent, lost = self.window(start, end, flows)
        if not lost:
            return 0
        answered = [number for number in sent if self.answered[number]]
        before = [self.sent[one] for one in answered if one < lost[0]]
        after = [self.sent[one] for one in answered if one > lost[-1]]
        return (after[0] if after else end) - (before[-1] if before else start)


def by_family(traffic, family):
    return {number for number, flow in enumerate(traffic.flows)
            if flow[0] == family}


if __name__ == "__main__":
    sys.exit("this is a part of run")
