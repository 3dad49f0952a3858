# SPDX-License-Identifier: Apache-2.0
"""Somebody in the middle of the sync link who reads, changes, repeats and delays what he likes, and lacks the key.

    python3 -m tandemlab.sync_relay --devices eth2.lb-a eth2.lb-b [--double 0.1] [--reverse 0.1] [--late 0.1] [--bend 0.1] [--seed 1]

It carries frames between two ports of the switch, which the bridge has let go. The first SIGUSR1 begins the mischief: what was
recorded before is repeated (the first datagrams of each session), and of every sealed datagram a share is sent twice, after its successor, a second late, or with a
bent copy in front. The second SIGUSR1 ends it. SIGTERM: counts by mischief and by the port they went out of, as JSON.
"""
import argparse
import collections
import heapq
import json
import random
import select
import signal
import socket
import time

from .udp_echo import Stop

PAYLOAD = 14 + 20 + 8                     # Ethernet, IPv4, UDP
TYPE, FIRST_HANDSHAKE = PAYLOAD + 1, 10   # sealed types have lower numbers
VOUCHED_FOR = 24                          # from here to the end a bent bit breaks the tag; before, other tests see to it
UDP_CHECKSUM = slice(PAYLOAD - 2, PAYLOAD)
EPOCH = slice(PAYLOAD + 4, PAYLOAD + 8)
RECORDED, REPEATS_AT_ONCE, LATE_S = 150, 8, 1.0
OUTGOING = 4


class Port:
    def __init__(self, device: str):
        self.device = device
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind((device, 0))
        self.socket.setblocking(False)
        self.counts, self.recorded, self.waiting = collections.Counter(), collections.defaultdict(list), None
        self.epoch = b""                  # of what passes now

    def frames(self):
        try:
            while True:
                frame, address = self.socket.recvfrom(9216)
                if address[2] != OUTGOING:
                    yield frame
        except BlockingIOError:
            return

    def send(self, frame: bytes) -> None:
        try:
            self.socket.send(frame)
        except OSError:
            self.counts["not sent"] += 1


def is_datagram(frame: bytes) -> bool:
    return len(frame) > PAYLOAD and frame[12:14] == b"\x08\x00" and frame[23] == socket.IPPROTO_UDP


def is_sealed(frame: bytes) -> bool:
    return is_datagram(frame) and frame[TYPE] < FIRST_HANDSHAKE


def bent(frame: bytes, chance: random.Random) -> bytes:
    """One bit of what is sealed. Without a checksum, so that not the kernel but the node must see it."""
    copy, bit = bytearray(frame), chance.randrange((len(frame) - PAYLOAD - VOUCHED_FOR) * 8)
    copy[PAYLOAD + VOUCHED_FOR + bit // 8] ^= 1 << bit % 8
    copy[UDP_CHECKSUM] = b"\0\0"
    return bytes(copy)


class Relay:
    def __init__(self, options):
        self.options, self.chance, self.at_work, self.order = options, random.Random(options.seed), False, 0
        self.ports = [Port(device) for device in options.devices]
        self.held = []                    # (due, order, port out, frame)
        self.to_repeat = []

    def toggle(self, *_signal) -> None:
        self.at_work = not self.at_work
        if self.at_work:
            self.to_repeat = [(port, frame) for port in self.ports for frames in port.recorded.values() for frame in frames]
            self.chance.shuffle(self.to_repeat)

    def carry(self, out: Port, frame: bytes) -> None:
        if not is_sealed(frame):
            out.counts["handshake while at work"] += self.at_work and is_datagram(frame)
            return out.send(frame)
        out.epoch = frame[EPOCH]
        if not self.at_work:
            if len(out.recorded[out.epoch]) < RECORDED:
                out.recorded[out.epoch].append(frame)
            self.let_go(out)
            return out.send(frame)
        self.spoil(out, frame)

    def spoil(self, out: Port, frame: bytes) -> None:
        dice = self.chance.random()
        for word in ("double", "reverse", "late", "bend"):
            share = getattr(self.options, word)
            if dice < share:
                break
            dice -= share
        else:
            word = "pass"
        out.counts[word] += 1
        if word == "late":
            self.order += 1
            return heapq.heappush(self.held, (time.monotonic() + LATE_S, self.order, out, frame))
        if word == "reverse" and out.waiting is None:
            out.waiting = frame
            return None
        if word == "bend":
            out.send(bent(frame, self.chance))
        out.send(frame)
        if word == "double":
            out.send(frame)
        return self.let_go(out)

    def let_go(self, out: Port) -> None:
        if out.waiting is not None:
            out.send(out.waiting)
            out.waiting = None

    def keep_time(self) -> None:
        now = time.monotonic()
        while self.held and self.held[0][0] <= now:
            _due, _order, out, frame = heapq.heappop(self.held)
            out.send(frame)
        for out, frame in self.to_repeat[:REPEATS_AT_ONCE]:
            out.counts["repeat" if frame[EPOCH] == out.epoch else "repeat of an earlier session"] += 1
            out.send(frame)
        del self.to_repeat[:REPEATS_AT_ONCE]

    def run(self) -> dict:
        stop, poll = Stop(), select.epoll()
        signal.signal(signal.SIGUSR1, self.toggle)
        ways = {port.socket.fileno(): (port, self.ports[1 - index]) for index, port in enumerate(self.ports)}
        for descriptor in ways:
            poll.register(descriptor, select.EPOLLIN)
        while not stop.asked:
            for descriptor, _events in poll.poll(0.005):
                port, out = ways[descriptor]
                for frame in port.frames():
                    self.carry(out, frame)
            self.keep_time()
        return {port.device: dict(port.counts) for port in self.ports}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--devices", nargs=2, required=True)
    words.add_argument("--seed", type=int, default=1)
    for word in ("double", "reverse", "late", "bend"):
        words.add_argument(f"--{word}", type=float, default=0.0)
    print(json.dumps(Relay(words.parse_args()).run()))


if __name__ == "__main__":
    main()
