# SPDX-License-Identifier: Apache-2.0
"""Long-lived TCP streams of numbered blocks to an echo server: what was lost, doubled, damaged or reset, how many live.

    python3 -m tandemlab.tcp_streams server --listen ADDRESS:PORT … --name web-1    (until SIGTERM, then JSON)
    python3 -m tandemlab.tcp_streams client --to ADDRESS:PORT --streams 200 --every 0.05 --block 1000 --seconds 3

The server greets each stream with its name in 16 bytes, reads blocks, verifies their order, and echoes them. The client
verifies the echo. Without --seconds it goes on until SIGTERM; then it closes its half and waits for the rest.
"""
import argparse
import collections
import json
import select
import socket
import struct
import time

from .udp_echo import Stop, body, endpoint

HEADER = struct.Struct("!4sIQ")
MAGIC = b"blok"
GREETING = 16


def block(stream: int, number: int, size: int) -> bytes:
    return HEADER.pack(MAGIC, stream, number) + body(stream, number, size)[:size - HEADER.size]


class Verifier:
    """Reads a byte stream as blocks and compares each with the one that must come next."""

    def __init__(self, size: int, stream: int | None = None):
        self.size, self.stream, self.next, self.rest = size, stream, 0, b""
        self.lost = self.doubled = self.damaged = 0

    def take(self, data: bytes) -> None:
        data = self.rest + data
        whole = len(data) // self.size * self.size
        for start in range(0, whole, self.size):
            self._block(data[start:start + self.size])
        self.rest = data[whole:]

    def _block(self, one: bytes) -> None:
        magic, stream, number = HEADER.unpack_from(one)
        if self.stream is None:
            self.stream = stream
        if magic != MAGIC or stream != self.stream or one != block(stream, number, self.size):
            self.damaged += 1
            self.next += 1
            return
        if number < self.next:
            self.doubled += 1
            return
        self.lost += number - self.next
        self.next = number + 1


class End:
    """One end of a stream: what is still to be written, and what was read."""

    def __init__(self, connection: socket.socket, verifier: Verifier):
        self.socket, self.verifier, self.unsent = connection, verifier, b""
        self.state, self.server, self.sent, self.closing = "open", b"", 0, False

    def flush(self) -> None:
        while self.unsent:
            try:
                self.unsent = self.unsent[self.socket.send(self.unsent):]
            except BlockingIOError:
                return

    def read(self) -> bytes | None:
        """None when there is nothing now; b"" at the end."""
        try:
            return self.socket.recv(65536)
        except BlockingIOError:
            return None

    def finish(self, state: str) -> None:
        self.state = state
        self.socket.close()


def totals(ends) -> dict:
    return {word: sum(getattr(end.verifier, word) for end in ends) for word in ("lost", "doubled", "damaged")}


def serve(options) -> dict:
    stop, poll, listening, ends, all_ends = Stop(), select.epoll(), {}, {}, []
    name = options.name.encode()[:GREETING].ljust(GREETING, b"\0")
    for address, port in map(endpoint, options.listen):
        made = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=1024)
        made.setblocking(False)
        listening[made.fileno()] = made
        poll.register(made.fileno(), select.EPOLLIN)
    while not stop.asked:
        for descriptor, events in poll.poll(0.1):
            if descriptor in listening:
                connection = listening[descriptor].accept()[0]
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end = ends[connection.fileno()] = End(connection, Verifier(options.block))
                all_ends.append(end)
                end.unsent = name
                poll.register(connection.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
                continue
            end = ends[descriptor]
            try:
                while (data := end.read()) is not None and data:
                    end.verifier.take(data)
                    end.unsent += data
                end.flush()
                if data == b"" and not end.unsent:
                    del ends[descriptor]
                    end.finish("finished")
            except OSError:
                del ends[descriptor]
                end.finish("reset")
    states = collections.Counter(end.state for end in all_ends)
    return {"name": options.name, "streams": len(all_ends), "states": dict(states), **totals(all_ends),
            "blocks": sum(end.verifier.next for end in all_ends)}


def connect_all(options, failures) -> list[End]:
    ends, to = [], endpoint(options.to)
    for number in range(options.streams):
        try:
            connection = socket.create_connection(to, timeout=5)
        except OSError as error:
            failures[str(error)] += 1
            continue
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ends.append(End(connection, Verifier(options.block, number)))
    return ends


def take(end: End) -> None:
    while (data := end.read()) is not None and data:
        missing = GREETING - len(end.server)
        end.server += data[:missing]
        end.verifier.take(data[missing:])
    if data == b"":
        whole = end.closing and end.verifier.next == end.sent and not end.verifier.rest
        end.finish("finished" if whole else "cut off")


def client(options) -> dict:
    stop, poll, failures = Stop(), select.epoll(), collections.Counter()
    ends = connect_all(options, failures)
    by_descriptor = {end.socket.fileno(): end for end in ends}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    began, ticks, closing_at = time.monotonic(), 0, None
    per_stream_s = options.every / max(1, len(ends))      # writes are spread over the interval, not one burst
    while any(end.state == "open" for end in ends):
        now = time.monotonic()
        if closing_at is None and (stop.asked or (options.seconds and now - began >= options.seconds)):
            closing_at = now
        if closing_at is not None and now - closing_at > options.settle:
            break
        due = [] if closing_at is not None else range(ticks, min(int((now - began) / per_stream_s), ticks + len(ends)))
        ticks += len(due)
        for tick in due:
            end = ends[tick % len(ends)]
            if end.state == "open":
                end.unsent += block(end.verifier.stream, end.sent, options.block)
                end.sent += 1
        for end in ([ends[tick % len(ends)] for tick in due] if closing_at is None else ends):
            if end.state == "open":
                attempt(end, closing_at is not None)
        for descriptor, _events in poll.poll(min(0.005, per_stream_s) if closing_at is None else 0.02):
            end = by_descriptor[descriptor]
            if end.state == "open":
                attempt(end, False, reading=True)
    states = collections.Counter("unfinished" if end.state == "open" else end.state for end in ends)
    servers = collections.Counter(end.server.rstrip(b"\0").decode() for end in ends)
    return {"streams": options.streams, "refused": dict(failures), "alive": states["finished"], "states": dict(states),
            "reset": states["reset"], **totals(ends), "blocks_sent": sum(end.sent for end in ends),
            "blocks_echoed": sum(end.verifier.next for end in ends), "servers": dict(servers),
            "missing": sum(end.sent - end.verifier.next for end in ends)}


def attempt(end: End, close_half: bool, reading: bool = False) -> None:
    try:
        if reading:
            take(end)
            return
        end.flush()
        if close_half and not end.closing and not end.unsent:
            end.closing = True
            end.socket.shutdown(socket.SHUT_WR)
    except OSError:
        end.finish("reset")


def main() -> None:
    words = argparse.ArgumentParser()
    roles = words.add_subparsers(required=True)
    role = roles.add_parser("server")
    role.add_argument("--listen", nargs="+", required=True)
    role.add_argument("--name", required=True)
    role.set_defaults(act=serve)
    role.add_argument("--block", type=int, default=1000)
    role = roles.add_parser("client")
    role.add_argument("--to", required=True)
    role.add_argument("--streams", type=int, default=200)
    role.add_argument("--every", type=float, default=0.05)
    role.add_argument("--block", type=int, default=1000)
    role.add_argument("--seconds", type=float, default=0)
    role.add_argument("--settle", type=float, default=5.0)
    role.set_defaults(act=client)
    options = words.parse_args()
    print(json.dumps(options.act(options)))


if __name__ == "__main__":
    main()
