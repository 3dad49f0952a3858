# SPDX-License-Identifier: Apache-2.0
"""A node at a desk: tandemd --replay in a folder of captures, without root, privileges or a network."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import captures, packets, toml
from .packets import ACK, FIN, SYN
from .tandem import programs

CLIENT, SERVERS, VIP = "10.0.0.5", ("10.0.1.11", "10.0.1.12", "10.0.1.13"), "10.0.0.100"
NODE_MAC, CLIENT_MAC, SERVER_MAC = "02:00:00:00:00:01", "02:00:00:00:aa:05", "02:00:00:00:bb:{}"
INSIDE_MAC = "02:00:00:00:00:02"
CONNECTIONS = 60


def document(folder: Path) -> dict:
    def port(name, mac, address, neighbours):
        return {"name": name, "device": f"pcap:{folder / name}.in.pcap,{folder / name}.out.pcap", "mac": mac,
                "address": [address], "neighbour": neighbours}
    return {
        "node": {"name": "desk"},
        "dataplane": {"connections": "10k", "connections_ipv6": "1k"},
        "port": [port("outside", NODE_MAC, "10.0.0.1/24", {CLIENT: CLIENT_MAC}),
                 port("inside", INSIDE_MAC, "10.0.1.1/24", {server: SERVER_MAC.format(server[-2:]) for server in SERVERS})],
        "service": [{"name": "web", "listen": f"{VIP}:80/tcp", "forwarding": "nat",
                     "backend": [{"name": f"web-{number}", "address": f"{server}:8080"} for number, server in enumerate(SERVERS, 1)]}],
    }


def from_client(port: int, flags: int, **more) -> bytes:
    return packets.ethernet(NODE_MAC, CLIENT_MAC, packets.tcp(CLIENT, port, VIP, 80, flags, **more))


@contextlib.contextmanager
def desk():
    """A folder that a user without privileges owns, with captures of sixty connections that a field site might have sent."""
    with tempfile.TemporaryDirectory(prefix="tandem-replay-") as name:
        folder = Path(name)
        outside = [(number * 0.01 + step * 0.002, from_client(20000 + number, flags))
                   for number in range(CONNECTIONS) for step, flags in enumerate((SYN, ACK, ACK | FIN))]
        outside.append((2.0, from_client(1, SYN, ttl=1)))
        captures.write(folder / "outside.in.pcap", sorted(outside))
        captures.write(folder / "inside.in.pcap", [])
        (folder / "desk.toml").write_text(toml.dumps(document(folder)))
        shutil.copy(programs()["tandemd"], folder / "tandemd")  # the build folder may be closed to others
        for path in (folder, *folder.iterdir()):
            os.chown(path, 65534, 65534)
        yield folder


def replay(folder: Path, *options) -> dict:
    done = subprocess.run([folder / "tandemd", "--replay", folder / "desk.toml", *options], user=65534, group=65534, extra_groups=[],
                          cwd=folder, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"expected exit 0, got {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def sent(folder: Path) -> list[bytes]:
    return captures.read(folder / "inside.out.pcap")
