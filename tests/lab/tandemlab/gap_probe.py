# SPDX-License-Identifier: Apache-2.0
"""How long a service is away: a numbered datagram every 2 ms to an echo, and when each answer came.

    python3 -m tandemlab.gap_probe --to ADDRESS:PORT [--to …] --every 0.002     (until SIGTERM, then JSON)

For each destination: sent, lost, doubled, and the gaps: [when the last answer before it came, how long until the next], in
seconds of the monotonic clock. A pause of the probe itself is reported beside, because it looks like a gap and is none.
"""
import argparse
import collections
import json
import select
import time

from .udp_echo import HEADER, Stop, datagram, endpoint, open_socket

SIZE, NOTICED_S = 100, 0.02


class Way:
    def __init__(self, index: int, to: str):
        self.index, self.to = index, to
        self.socket = open_socket(endpoint(to)[0])
        self.socket.connect(endpoint(to))
        self.sent, self.errors, self.last, self.gaps = 0, 0, None, []
        self.seen = collections.Counter()

    def send(self) -> None:
        try:
            self.socket.send(datagram(self.index, self.sent, SIZE))
        except OSError:
            self.errors += 1
        self.sent += 1

    def receive(self) -> None:
        try:
            while True:
                packet = self.socket.recv(2048)
                now = time.monotonic()
                if self.last is not None and now - self.last > NOTICED_S:
                    self.gaps.append([round(self.last, 4), round(now - self.last, 4)])
                self.last = now
                self.seen[HEADER.unpack_from(packet)[1]] += 1
        except (BlockingIOError, ConnectionRefusedError, OSError):
            pass

    def report(self) -> dict:
        return {"to": self.to, "sent": self.sent, "lost": self.sent - len(self.seen), "errors": self.errors,
                "doubled": sum(self.seen.values()) - len(self.seen), "gaps": self.gaps}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--to", action="append", required=True)
    words.add_argument("--every", type=float, default=0.002)
    options = words.parse_args()
    stop, poll = Stop(), select.epoll()
    ways = [Way(index, to) for index, to in enumerate(options.to)]
    by_descriptor = {way.socket.fileno(): way for way in ways}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    due, longest_pause, last = time.monotonic(), 0.0, time.monotonic()
    while not stop.asked:
        now = time.monotonic()
        longest_pause, last = max(longest_pause, now - last), now
        if now >= due:
            due = max(due + options.every, now)
            for way in ways:
                way.send()
        for descriptor, _events in poll.poll(max(0.0, due - time.monotonic())):
            by_descriptor[descriptor].receive()
    settle = time.monotonic() + 0.3
    while time.monotonic() < settle:
        for descriptor, _events in poll.poll(0.05):
            by_descriptor[descriptor].receive()
    print(json.dumps({"ways": [way.report() for way in ways], "own_pause_s": round(longest_pause, 4)}))


if __name__ == "__main__":
    main()
