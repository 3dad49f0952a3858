# SPDX-License-Identifier: Apache-2.0
"""What a node of the standard site is given, as a document that tests change and write again."""
import copy

from . import toml
from .site import POOL, TUNNEL_SOURCE, TUNNELS, VIP, Site

FAST_CHECK = {"type": "http", "path": "/healthz", "expect": "200", "interval": "100ms", "timeout": "800ms", "rise": 2, "fall": 2}


def bracketed(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def service(site: Site, name: str, family: int, port: int = 80, protocol: str = "tcp", check: dict | None = None,
            servers_family: int | None = None, **more) -> dict:
    """One service with every server of the site as a backend, named as its page names itself."""
    made = {"name": name, "listen": f"{bracketed(VIP[family], port)}/{protocol}", "forwarding": site.forwarding,
            "scheduler": "consistent-round-robin", **more}
    if site.forwarding in TUNNELS:
        made.setdefault("tunnel_source", TUNNEL_SOURCE)
    if check:
        made["check"] = dict(check)
    made["backend"] = [{"name": server.name, "address": bracketed(server.address(servers_family or family), port), "weight": 1}
                       for server in site.servers]
    return made


def node(site: Site, driver: str = "af_packet", services: list[dict] = (), name: str = "lb-a", workers: int | None = None,
         **dataplane) -> dict:
    """`driver` is a kind of `device =` string; the site's devices in the node's namespace come behind it."""
    ports = {device: "lan" if len(site.node_devices) == 1 else ("outside", "inside")[index]
             for index, device in enumerate(site.node_devices)}
    document = {
        "node": {"name": name, **({"pool": sum(POOL.values(), [])} if site.forwarding == "full-nat" else {})},
        "dataplane": {"idle": "adaptive", "connections": "64k", **({"workers": workers} if workers else {}), **dataplane},
        "port": [{"name": port, "device": f"{driver}:{device}"} for device, port in ports.items()],
        "service": list(services),
    }
    return copy.deepcopy(document)


def backend(document: dict, service_name: str, backend_name: str) -> dict:
    return next(one for entry in document["service"] if entry["name"] == service_name
                for one in entry["backend"] if one["name"] == backend_name)


def write(document: dict, path) -> None:
    """Whole or not at all: a reload never reads half a file."""
    fresh = path.with_suffix(".new")
    fresh.write_text(toml.dumps(document))
    fresh.replace(path)
