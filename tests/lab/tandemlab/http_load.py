# SPDX-License-Identifier: Apache-2.0
"""HTTP requests, each on a connection of its own, never tried again: what fails is counted with its reason.

    python3 -m tandemlab.http_load --to ADDRESS --requests 10000 --at-once 50
    python3 -m tandemlab.http_load --to ADDRESS --rate 200 --seconds 10 [--trace FILE]
    python3 -m tandemlab.http_load --to ADDRESS --path /download --download

Prints one JSON object. With --rate and no --requests it goes on until --seconds have passed or SIGTERM comes.
`select.epoll` and plain sockets, since asyncio's streams would cost more than the servers and the node together.
"""
import argparse
import collections
import errno
import hashlib
import json
import select
import signal
import socket
import sys
import time


class Request:
    __slots__ = ("socket", "began", "answer", "sent", "port")

    def __init__(self, connection, began):
        self.socket, self.began, self.answer, self.sent, self.port = connection, began, b"", False, 0


def judge(answer: bytes) -> tuple[str | None, str]:
    """(server that answered, what was wrong with the answer)."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return None, "no answer" if not answer else "answer cut off"
    status = head.split(b" ", 2)[1:2]
    if status != [b"200"]:
        return None, f"status {status[0].decode(errors='replace') if status else '?'}"
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:") and int(line.split(b":")[1]) != len(body):
            return None, "body cut off"
    words = body.split()
    return (words[1].decode() if len(words) == 2 and words[0] == b"server" else "?"), ""


class Load:
    def __init__(self, options):
        self.options = options
        self.family = socket.AF_INET6 if ":" in options.to else socket.AF_INET
        self.wire = f"GET {options.path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n".encode()
        self.poll = select.epoll()
        self.open: dict[int, Request] = {}
        self.reasons, self.ports, self.latency = collections.Counter(), collections.defaultdict(list), []
        self.started, self.most_open, self.stop = 0, 0, False
        self.trace = open(options.trace, "w") if options.trace else None

    def due(self, now: float) -> bool:
        if self.stop or len(self.open) >= self.options.at_once:
            return False
        if self.options.requests and self.started >= self.options.requests:
            return False
        return not self.options.rate or self.started < (now - self.began) * self.options.rate

    def finished(self, now: float) -> bool:
        if self.options.seconds and now - self.began >= self.options.seconds:
            self.stop = True
        all_started = self.stop or (self.options.requests and self.started >= self.options.requests)
        return bool(all_started and not self.open)

    def begin(self, now: float) -> None:
        connection = socket.socket(self.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        request = Request(connection, now)
        self.started += 1
        try:
            if self.options.source:
                connection.bind((self.options.source, 0))
            result = connection.connect_ex((self.options.to, self.options.port))
        except OSError as error:
            result = error.errno
        self.open[connection.fileno()] = request
        self.most_open = max(self.most_open, len(self.open))
        if result not in (0, errno.EINPROGRESS):
            self.end(request, f"connect: {errno.errorcode.get(result, result)}")
            return
        request.port = connection.getsockname()[1]
        self.poll.register(connection.fileno(), select.EPOLLOUT)

    def advance(self, descriptor: int) -> None:
        request = self.open[descriptor]
        try:
            if not request.sent:
                failure = request.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failure:
                    self.end(request, f"connect: {errno.errorcode.get(failure, failure)}")
                    return
                request.socket.send(self.wire)
                request.sent = True
                self.poll.modify(descriptor, select.EPOLLIN)
                return
            part = request.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            self.end(request, f"{'read' if request.sent else 'write'}: {errno.errorcode.get(error.errno, error.errno)}")
            return
        if part:
            request.answer += part
        else:
            self.end(request)

    def end(self, request: Request, reason: str = "") -> None:
        now, server = time.monotonic(), None
        if not reason:
            server, reason = judge(request.answer)
        if server:
            self.ports[server].append(request.port)
            self.latency.append(now - request.began)
        else:
            self.reasons[reason] += 1
        if self.trace:
            self.trace.write(json.dumps([round(request.began, 6), round(now, 6), server, reason, request.port]) + "\n")
            self.trace.flush()
        del self.open[request.socket.fileno()]
        request.socket.close()

    def run(self) -> dict:
        self.began = now = last_look = time.monotonic()
        while not self.finished(now):
            while self.due(now):
                self.begin(now)
            for descriptor, _events in self.poll.poll(0.002 if self.options.rate else 0.05):
                if descriptor in self.open:
                    self.advance(descriptor)
            now = time.monotonic()
            if now - last_look > 0.1:
                last_look = now
                for request in [one for one in self.open.values() if now - one.began > self.options.timeout]:
                    self.end(request, "timeout: connected" if request.sent else "timeout: connecting")
        return self.report(now - self.began)

    def report(self, seconds: float) -> dict:
        ordered = sorted(self.latency) or [0.0]
        at = lambda part: round(1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))], 3)
        return {"requests": self.started, "ok": len(self.latency), "failed": sum(self.reasons.values()),
                "reasons": dict(self.reasons), "servers": {name: len(ports) for name, ports in self.ports.items()},
                "ports": self.ports, "most_at_once": self.most_open, "seconds": round(seconds, 3),
                "latency_ms": {"p50": at(0.5), "p99": at(0.99), "max": at(1)}}


def download(options) -> dict:
    began, total, size, port = time.monotonic(), hashlib.sha256(), 0, 0
    try:
        with socket.create_connection((options.to, options.port), timeout=options.timeout) as connection:
            port = connection.getsockname()[1]
            connection.sendall(f"GET {options.path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n".encode())
            stream = connection.makefile("rb")
            status = stream.readline().decode().strip()
            while stream.readline() not in (b"\r\n", b""):
                pass
            while part := stream.read1(1 << 18):
                total.update(part)
                size += len(part)
    except OSError as error:
        status = f"failed: {error}"
    return {"status": status, "bytes": size, "sha256": total.hexdigest(), "seconds": round(time.monotonic() - began, 3), "port": port}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--to", required=True)
    words.add_argument("--port", type=int, default=80)
    words.add_argument("--path", default="/")
    words.add_argument("--source")
    words.add_argument("--requests", type=int, default=0)
    words.add_argument("--at-once", type=int, default=50)
    words.add_argument("--rate", type=float, default=0)
    words.add_argument("--seconds", type=float, default=0)
    words.add_argument("--timeout", type=float, default=10)
    words.add_argument("--trace")
    words.add_argument("--download", action="store_true")
    options = words.parse_args()
    if options.download:
        print(json.dumps(download(options)))
        return
    load = Load(options)
    signal.signal(signal.SIGTERM, lambda *_: setattr(load, "stop", True))
    print(json.dumps(load.run()))


if __name__ == "__main__":
    sys.exit(main())
