# SPDX-License-Identifier: Apache-2.0
"""A real nginx in a namespace, unprivileged, whose page says which server it is.

    /           one line: "server web-1"
    /healthz    "ok"; logged apart, so that health checks never count as requests
    /download   the big file, see `download_file`
    /slow       the first megabyte of it, at 256 kB/s: a connection that stays open for three to four seconds

At PROXY_PORT the same to who begins with a header of the PROXY protocol; its log has the client that the header names.
"""
import collections
import hashlib
import os
import random
import signal
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .process import Process, wait_until

NOBODY = 65534
DOWNLOAD_BLOCKS, BLOCK_BYTES = 100, 1 << 20
PROXY_PORT = 8081

CONFIGURATION = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  log_format lab '$remote_addr $remote_port $status $server_addr $server_port $uri';
  access_log {directory}/access.log lab;
  client_body_temp_path {directory}/tmp-body;
  proxy_temp_path {directory}/tmp-proxy;
  fastcgi_temp_path {directory}/tmp-fastcgi;
  uwsgi_temp_path {directory}/tmp-uwsgi;
  scgi_temp_path {directory}/tmp-scgi;
  default_type text/plain;
  sendfile on;
  server {{
{listens}
    set_real_ip_from 0.0.0.0/0;
    set_real_ip_from ::/0;
    real_ip_header proxy_protocol;
    location = / {{ return 200 "server {name}\\n"; }}
    location = /healthz {{ access_log {directory}/healthz.log lab; return 200 "ok\\n"; }}
    location = /download {{ alias {files}/download; }}
    location = /slow {{ alias {files}/slow; limit_rate 256k; }}
  }}
}}
"""


@dataclass(frozen=True)
class LogLine:
    client: str
    client_port: int
    status: int
    server: str
    uri: str


@cache
def _block() -> bytes:
    return random.Random(20).randbytes(BLOCK_BYTES - 8)


def _download_parts():
    for number in range(DOWNLOAD_BLOCKS):
        yield number.to_bytes(8, "big")
        yield _block()


@cache
def _download_sum() -> str:
    total = hashlib.sha256()
    for part in _download_parts():
        total.update(part)
    return total.hexdigest()


def download_file(directory: Path) -> tuple[Path, str, int]:
    """Made once in a lab, for all its servers: path, sha256 and size. Every block is numbered, so that a lost, doubled
    or exchanged megabyte changes the sum."""
    path = directory / "files" / "download"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        (path.parent / "slow").write_bytes(bytes(8) + _block())
        with path.open("wb") as out:
            out.writelines(_download_parts())
    return path, _download_sum(), DOWNLOAD_BLOCKS * BLOCK_BYTES


def endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port} ipv6only=on" if ":" in address else f"{address}:{port}"


class Nginx:
    def __init__(self, server, listen: list[str], port: int = 80):
        self.server, self.name, self.port = server, server.name, port
        lab = server.host.lab
        self.directory = lab.directory / f"nginx-{server.name}"
        self.directory.mkdir()
        os.chown(self.directory, NOBODY, NOBODY)
        addresses = [at for address in listen for at in (endpoint(address, port), endpoint(address, PROXY_PORT) + " proxy_protocol")]
        self.configuration = self.directory / "nginx.conf"
        self.configuration.write_text(CONFIGURATION.format(
            directory=self.directory, files=lab.directory / "files", name=server.name,
            listens="\n".join(f"    listen {address} backlog=4096;" for address in addresses)))
        self.process = None
        self.starts = 0

    def start(self) -> "Nginx":
        self.starts += 1
        argv = ["nginx", "-p", self.directory, "-e", self.directory / "error.log", "-c", self.configuration]
        self.process = Process(self.server.host, argv, f"nginx-{self.name}-{self.starts}", uid=NOBODY)
        wait_until(self._listens, f"nginx {self.name} listens on port {self.port}", 10, self.process)
        return self

    def _listens(self) -> bool:
        return self.server.host.run(["ss", "-Hltn", f"sport = :{self.port}"]).stdout.strip() != ""

    def kill(self) -> None:
        """As a power cut would: master and workers at once."""
        self.process.kill()
        wait_until(lambda: not self._listens(), f"nginx {self.name} no longer listens", 5)

    def stop(self) -> int:
        return self.process.stop()

    def log(self) -> list[LogLine]:
        return self._read("access.log")

    def checks(self) -> list[LogLine]:
        """What health checks asked, logged apart."""
        return self._read("healthz.log")

    def _read(self, file: str) -> list[LogLine]:
        path = self.directory / file
        lines = path.read_text().splitlines() if path.exists() else []
        fields = [line.split(" ", 5) for line in lines]
        return [LogLine(client, int(port), int(status), f"{address}:{own_port}", uri)
                for client, port, status, address, own_port, uri in fields]

    def served(self, client: str | None = None) -> collections.Counter:
        """Requests by client port, so that they can be matched one by one with what the client counted."""
        return collections.Counter(line.client_port for line in self.log() if client in (None, line.client))

    def forget(self) -> None:
        """Begins a new log: later counts start at zero."""
        for file in ("access.log", "healthz.log"):
            (self.directory / file).unlink(missing_ok=True)
        self.process.send(signal.SIGUSR1)
        wait_until((self.directory / "access.log").exists, f"nginx {self.name} reopened its log", 5, self.process)


def start_all(site, port: int = 80) -> list[Nginx]:
    """One on each server of the site: at its own address, and at the VIPs that it holds."""
    from .site import FAMILIES
    return [Nginx(server, [server.address(family) for family in FAMILIES] + site.held_vips, port).start() for server in site.servers]
