# SPDX-License-Identifier: Apache-2.0
"""TCP from ports of the client's own choice: one port to two addresses at once, or the same port again a moment later.

    python3 -m tandemlab.same_port both --to ADDRESS:PORT ADDRESS:PORT --ports 40 --seconds 2
    python3 -m tandemlab.same_port again --to ADDRESS:PORT --ports 20     (the second time at a line on standard input)

`both` speaks to echo servers as tcp_streams knows them, `again` asks web servers, whose pages name themselves. JSON at the end.
"""
import argparse
import json
import socket
import time

from .http_load import judge
from .tcp_streams import GREETING, block
from .udp_echo import endpoint

FIRST_PORT, BLOCK, PATIENCE_S = 41_000, 1000, 5.0


def connect(port: int, to: tuple) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)   # others of ours may have the port, to elsewhere
    made.settimeout(PATIENCE_S)
    made.bind(("", port))
    made.connect(to)
    return made


def read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("ended early")
        data += more
    return data


class Talk:
    """One connection to an echo server: who answers, and whether each block comes back as it was sent."""

    def __init__(self, port: int, to: tuple):
        self.number, self.why, self.server = 0, "", None
        try:
            self.connection = connect(port, to)
            self.server = read(self.connection, GREETING).rstrip(b"\0").decode()
        except OSError as error:
            self.why = str(error)

    def say(self) -> None:
        if self.why:
            return
        try:
            sent = block(0, self.number, BLOCK)
            self.connection.sendall(sent)
            self.number += 1
            if read(self.connection, BLOCK) != sent:
                self.why = "another's block"
        except OSError as error:
            self.why = str(error)


def both(options) -> dict:
    pairs = [[Talk(port, endpoint(to)) for to in options.to] for port in range(FIRST_PORT, FIRST_PORT + options.ports)]
    until = time.monotonic() + options.seconds
    while time.monotonic() < until:
        for pair in pairs:
            for talk in pair:
                talk.say()
    return {"pairs": [[{"server": talk.server, "blocks": talk.number, "why": talk.why} for talk in pair] for pair in pairs]}


def ask(port: int, to: tuple) -> dict:
    """The server closes first, so the client's port is free at once."""
    began = time.monotonic()
    with connect(port, to) as connection:
        connected = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    server, wrong = judge(answer)
    return {"server": server, "wrong": wrong, "began": began, "connect_s": connected - began, "ended": time.monotonic()}


def again(options) -> dict:
    to, ports = endpoint(options.to[0]), range(FIRST_PORT, FIRST_PORT + options.ports)
    first = {port: ask(port, to) for port in ports}
    print("asked", flush=True)
    input()
    second = {port: ask(port, to) for port in ports}
    return {"rows": [{"first": first[port]["server"], "second": second[port]["server"], "wrong": second[port]["wrong"],
                      "connect_s": round(second[port]["connect_s"], 4),
                      "apart_s": round(second[port]["began"] - first[port]["ended"], 4)} for port in ports]}


def main() -> None:
    words = argparse.ArgumentParser()
    kinds = words.add_subparsers(required=True)
    for name, act in (("both", both), ("again", again)):
        kind = kinds.add_parser(name)
        kind.set_defaults(act=act)
        kind.add_argument("--to", nargs="+", required=True)
        kind.add_argument("--ports", type=int, default=20)
        kind.add_argument("--seconds", type=float, default=1.0)
    options = words.parse_args()
    print(json.dumps(options.act(options)))


if __name__ == "__main__":
    main()
