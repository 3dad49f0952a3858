# SPDX-License-Identifier: Apache-2.0
"""A whole scene for one test: the site, real servers, and a node that serves them, ready for the first request."""
import contextlib
from dataclasses import dataclass, field

from . import configuration, evidence, nginx, tunnels
from .configuration import FAST_CHECK, bracketed
from .net import Lab
from .process import Process, tool, wait_until
from .site import NODE_OUTSIDE, TUNNELS, VIP, Site, build_site
from .tandem import Node

STREAM_PORT, DATAGRAM_PORT, OWN_PORT = 7010, 7007, 9000


@dataclass(repr=False)
class Scene:
    site: Site
    node: Node
    family: int
    web: list[nginx.Nginx]
    ends: list[Process] = field(default_factory=list)   # of tunnels, one on each server
    echoes: list[Process] = field(default_factory=list)

    @property
    def vip(self) -> str:
        return VIP[self.family]

    @property
    def client(self):
        return self.site.client

    def load(self, *words, to: str | None = None, seconds: float = 90) -> dict:
        return self.start_load(*words, to=to).report(seconds)

    def start_load(self, *words, to: str | None = None) -> Process:
        return tool(self.client, "http_load", "--to", to or self.vip, *words)

    def start_streams(self, *words) -> Process:
        return tool(self.client, "tcp_streams", "client", "--to", bracketed(self.vip, STREAM_PORT), *words)

    def start_datagrams(self, *words) -> Process:
        return tool(self.client, "udp_echo", "client", "--to", bracketed(self.vip, DATAGRAM_PORT), *words)

    def started(self, service: str) -> dict[str, int]:
        """New connections so far by backend, as the metrics say."""
        return evidence.new_connections(self.node, service)

    def open_echo_servers(self) -> None:
        """Numbered streams and datagrams on every server, behind the services `streams` and `datagrams`."""
        for server in self.site.servers:
            addresses = {server.address(self.family), self.site.listen_address(server, self.family)}
            for module, port, kind in (("tcp_streams", STREAM_PORT, "t"), ("udp_echo", DATAGRAM_PORT, "u")):
                at = [bracketed(address, port) for address in sorted(addresses)]
                running = tool(server.host, module, "server", "--name", server.name, "--listen", *at)
                self.echoes.append(running)
                wait_until(lambda: server.host.run(["ss", f"-Hln{kind}", f"sport = :{port}"]).stdout.strip() != "",
                           f"{module} of {server.name} listens on port {port}", 10, running)

    @contextlib.contextmanager
    def own_tcp_meanwhile(self):
        """TCP to the node's own address over the same interface, while the block runs: every stream must live."""
        at = bracketed(NODE_OUTSIDE[self.family], OWN_PORT)
        server = tool(self.site.node, "tcp_streams", "server", "--name", "node", "--listen", at)
        wait_until(lambda: self.site.node.run(["ss", "-Hltn", f"sport = :{OWN_PORT}"]).stdout.strip() != "",
                   "the node's own TCP server listens", 10, server)
        running = tool(self.client, "tcp_streams", "client", "--to", at, "--streams", 5)
        yield
        result = running.stop_and_report()
        server.stop()
        assert result["alive"] == 5 and result["servers"] == {"node": 5}, f"expected the node's own TCP to work, got {result}"


def services(site: Site, family: int, echo: bool = False, check: dict | None = FAST_CHECK, **more) -> list[dict]:
    made = [configuration.service(site, "web", family, check=check, **more)]
    if echo:
        # Checked by the web server's answer, so that the streams count nothing but the client's.
        check_web = {**check, "port": 80} if check else None
        made.append(configuration.service(site, "streams", family, STREAM_PORT, check=check_web, **more))
        made.append(configuration.service(site, "datagrams", family, DATAGRAM_PORT, "udp", check=check_web, **more))
    return made


@contextlib.contextmanager
def scene(forwarding: str, driver: str, family: int, servers: int = 2, lans: int = 1, workers: int | None = None,
          echo: bool = False, check: dict | None = FAST_CHECK, change=lambda document: None, **service_keys):
    """`change` may edit the configuration before the node starts. On leaving, the balance must come out."""
    with Lab() as lab:
        site = build_site(lab, forwarding, servers, lans, node_queues=workers if workers and driver == "af_packet" else 1)
        web = nginx.start_all(site)
        ends = tunnels.ends(site) if forwarding in TUNNELS else []
        document = configuration.node(site, driver, services(site, family, echo, check, **service_keys), workers=workers)
        change(document)
        made = Scene(site, Node(site, document), family, web, ends)
        if echo:
            made.open_echo_servers()
        made.node.start()
        for service in document["service"]:
            made.node.wait_all_up(service["name"])
        yield made
        if made.node.daemon.running():
            evidence.balance(made.node)
