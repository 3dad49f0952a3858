# SPDX-License-Identifier: Apache-2.0
"""Numbered datagrams to an echo server and back: what was lost, doubled, reordered, damaged, or answered by another server.

    python3 -m tandemlab.udp_echo server --listen ADDRESS:PORT … --name web-1     (until SIGTERM, then JSON)
    python3 -m tandemlab.udp_echo client --to ADDRESS:PORT --rate 5000 --seconds 2 --flows 50

A datagram: flow, number, name of the server (filled in by it), then bytes that follow from flow and number.
"""
import argparse
import collections
import json
import select
import signal
import socket
import struct
import time

HEADER = struct.Struct("!IQ16s")
BURST_MOST = 32        # after a pause the client catches up gently: a burst would measure the pause
RCVBUFFORCE, SNDBUFFORCE = 33, 32
LONGEST = 65536


def endpoint(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def open_socket(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 4 << 20)
    made.setsockopt(socket.SOL_SOCKET, SNDBUFFORCE, 4 << 20)
    return made


def body(flow: int, number: int, size: int) -> bytes:
    return ((flow * 2654435761 + number) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big") * (size // 8 + 1)


def datagram(flow: int, number: int, size: int, name: bytes = b"") -> bytes:
    return (HEADER.pack(flow, number, name) + body(flow, number, size))[:size]


class Stop:
    asked = False

    def __init__(self):
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "asked", True))


def serve(options) -> dict:
    stop, poll, sockets = Stop(), select.epoll(), {}
    name = options.name.encode()[:16].ljust(16, b"\0")
    received, refused = collections.Counter(), 0
    for address, port in map(endpoint, options.listen):
        made = open_socket(address)
        made.bind((address, port))
        sockets[made.fileno()] = made
        poll.register(made.fileno(), select.EPOLLIN)
    while not stop.asked:
        for descriptor, _events in poll.poll(0.1):
            try:
                for _ in range(64):
                    packet, peer = sockets[descriptor].recvfrom(LONGEST)
                    if len(packet) < HEADER.size:
                        refused += 1
                        continue
                    received[f"{peer[0]} {peer[1]}"] += 1
                    sockets[descriptor].sendto(packet[:12] + name + packet[28:], peer)
            except BlockingIOError:
                pass
            except OSError:
                refused += 1
    return {"name": options.name, "received": sum(received.values()), "by_client": dict(received), "refused": refused}


class Flow:
    def __init__(self, to: tuple[str, int]):
        self.socket = open_socket(to[0])
        self.socket.connect(to)
        self.sent, self.highest, self.reordered = 0, -1, 0
        self.seen, self.servers = collections.Counter(), collections.Counter()

    def take(self, packet: bytes, number: int, server: bytes) -> None:
        self.seen[number] += 1
        self.reordered += number < self.highest
        self.highest = max(self.highest, number)
        self.servers[server.rstrip(b"\0").decode()] += 1


def client(options) -> dict:
    stop, poll, to = Stop(), select.epoll(), endpoint(options.to)
    flows = [Flow(to) for _ in range(options.flows)]
    by_descriptor = {flow.socket.fileno(): (index, flow) for index, flow in enumerate(flows)}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    errors, damaged, sent, late = collections.Counter(), 0, 0, 0.0
    began = now = time.monotonic()
    sending_ended = None
    while sending_ended is None or (now - sending_ended < options.settle
                                    and sum(len(flow.seen) for flow in flows) < sent):
        now = time.monotonic()
        if sending_ended is None:
            owed = int((now - began) * options.rate) - sent
            late = max(late, owed / options.rate)
            for _ in range(min(owed, BURST_MOST)):
                index = sent % len(flows)
                try:
                    flows[index].socket.send(datagram(index, flows[index].sent, options.size))
                except OSError as error:
                    errors[error.strerror] += 1
                flows[index].sent += 1
                sent += 1
            if stop.asked or (options.seconds and now - began >= options.seconds):
                sending_ended = now
        for descriptor, _events in poll.poll(0.0005 if sending_ended is None else 0.01):
            index, flow = by_descriptor[descriptor]
            try:
                while True:
                    packet = flow.socket.recv(LONGEST)
                    number, server = HEADER.unpack_from(packet)[1:] if len(packet) >= HEADER.size else (-1, b"")
                    if packet == datagram(index, number, options.size, server):
                        flow.take(packet, number, server)
                    else:
                        damaged += 1
            except BlockingIOError:
                pass
            except OSError as error:
                errors[error.strerror] += 1
    received = sum(len(flow.seen) for flow in flows)
    servers = collections.Counter()
    for flow in flows:
        servers.update(flow.servers)
    return {"sent": sent, "received": received, "lost": sent - received, "damaged": damaged,
            "doubled": sum(sum(flow.seen.values()) - len(flow.seen) for flow in flows),
            "reordered": sum(flow.reordered for flow in flows), "errors": dict(errors), "servers": dict(servers),
            "moved": sum(len(flow.servers) > 1 for flow in flows),
            "flows_with_loss": sum(len(flow.seen) < flow.sent for flow in flows), "longest_pause_s": round(late, 3),
            "rate": round(sent / max(1e-9, sending_ended - began)),
            "ports": {flow.socket.getsockname()[1]: [flow.sent, len(flow.seen), sorted(flow.servers)] for flow in flows}}


def main() -> None:
    words = argparse.ArgumentParser()
    roles = words.add_subparsers(required=True)
    role = roles.add_parser("server")
    role.add_argument("--listen", nargs="+", required=True)
    role.add_argument("--name", required=True)
    role.set_defaults(act=serve)
    role = roles.add_parser("client")
    role.add_argument("--to", required=True)
    role.add_argument("--rate", type=float, default=5000)
    role.add_argument("--seconds", type=float, default=0)
    role.add_argument("--flows", type=int, default=50)
    role.add_argument("--size", type=int, default=100)
    role.add_argument("--settle", type=float, default=1.0)
    role.set_defaults(act=client)
    options = words.parse_args()
    print(json.dumps(options.act(options)))


if __name__ == "__main__":
    main()
