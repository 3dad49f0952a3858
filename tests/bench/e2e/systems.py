# SPDX-License-Identifier: Apache-2.0
"""What stands between client and server: Tandem, a plain wire, and what else an operator might put there. All are up from the
beginning; what polls without end stands still while it is not its turn.
"""
import os
import signal
from pathlib import Path

from tandemlab import configuration
from tandemlab.net import Lab
from tandemlab.nginx import NOBODY
from tandemlab.process import Process, wait_until
from tandemlab.site import VIP
from tandemlab.tandem import Node, build_directory

from . import ends
from .ends import ASKS, DATAGRAMS

EVERY_FRAME = build_directory() / "tests/bench/e2e/every_frame.bpf.o"
POLLING_CORE, OTHER_CORE = "1", "0"  # of whatever polls without end, and of the two ends then


class System:
    carries_udp = True

    def __init__(self, lab: Lab, name: str, ends_on: str | None = None):
        self.name, self.ends = name, ends.build(lab, name, ends_on)
        self.polling: Process | None = None

    def start(self) -> None:
        raise NotImplementedError

    def begin_turn(self) -> None:
        if self.polling is not None:
            self.polling.send(signal.SIGCONT)

    def end_turn(self) -> None:
        if self.polling is not None:
            self.polling.send(signal.SIGSTOP)


class Tandem(System):
    """By AF_XDP. `dataplane` are keys of its section."""

    def __init__(self, lab: Lab, name: str, ends_on: str | None = None, **dataplane):
        super().__init__(lab, name, ends_on)
        self.dataplane = {"connections": "1M", **dataplane}

    def start(self) -> None:
        self.ends.route_by_node()
        site = self.ends.site()
        services = [configuration.service(site, "asks", 4, ASKS), configuration.service(site, "datagrams", 4, DATAGRAMS, "udp")]
        node = Node(site, configuration.node(site, "af_xdp", services, **self.dataplane), name=self.name)
        node.start(health=False, exporter=False)
        for service in services:
            node.wait_all_up(service["name"])
        self.ends.open_server(self.ends.server.address(4))
        self.polling = node.daemon


class Wire(System):
    """testpmd carries frames between its two AF_XDP ports and looks at none."""

    def start(self) -> None:
        self.ends.meet_on_one_wire()
        argv = ["dpdk-testpmd", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "256", "-l", f"{OTHER_CORE},{POLLING_CORE}",
                *[f"--vdev=net_af_xdp{number},iface=eth{number},xdp_prog={EVERY_FRAME}" for number in (0, 1)],
                "--", "--forward-mode=io", "--nb-cores=1", "--rxq=1", "--txq=1", "--total-num-mbufs=16384",
                "--mp-alloc=anon",  # of the usual pool part would lie outside what AF_XDP registers, on 4 KiB pages
                "--auto-start", "--stats-period=3600"]
        for device in ("eth0", "eth1"):
            self.ends.node.sysctl({f"net.ipv6.conf.{device}.disable_ipv6": 1})
        self.polling = Process(self.ends.node, argv, "testpmd")
        self.ends.open_server(VIP[4])
        connect = ["timeout", "1", "bash", "-c", f"exec 3<>/dev/tcp/{VIP[4]}/{ASKS}"]
        wait_until(lambda: self.ends.client.run(connect, check=False).returncode == 0, "the wire carries frames", 15, self.polling)


class Nftables(System):
    """The kernel's own NAT: destination NAT with connection tracking."""

    def start(self) -> None:
        self.ends.route_by_node()
        self.ends.node.sysctl({"net.ipv4.ip_forward": 1})
        self.ends.node.nft(f"table ip nat {{\n chain incoming {{\n  type nat hook prerouting priority dstnat;\n"
                           f"  ip daddr {VIP[4]} dnat to {self.ends.server.address(4)}\n }}\n}}\n")
        self.ends.open_server(self.ends.server.address(4))


class Proxy(System):
    """A program that ends the client's connection and opens one of its own. TCP alone is compared."""

    carries_udp = False

    def start(self) -> None:
        self.ends.route_by_node()
        self.ends.node.add_address("lo", f"{VIP[4]}/32")
        self.ends.open_server(self.ends.server.address(4))
        directory = self.ends.node.lab.directory / self.name
        directory.mkdir()
        os.chown(directory, NOBODY, NOBODY)
        ends.wait_listening(Process(self.ends.node, self.command(directory), self.name, uid=NOBODY))

    def command(self, directory: Path) -> list:
        raise NotImplementedError


class Haproxy(Proxy):
    CONFIGURATION = """\
global
  nbthread {threads}
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen asks
  bind {vip}:{port}
  server web-1 {server}:{port}
"""

    def command(self, directory: Path) -> list:
        file = directory / "haproxy.cfg"
        file.write_text(self.CONFIGURATION.format(threads=os.cpu_count(), vip=VIP[4], server=self.ends.server.address(4), port=ASKS))
        return ["haproxy", "-db", "-f", file]


class NginxStream(Proxy):
    CONFIGURATION = """\
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
worker_processes {workers};
worker_rlimit_nofile 8192;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
stream {{
  server {{
    listen {vip}:{port} backlog=4096;
    proxy_pass {server}:{port};
  }}
}}
"""

    def command(self, directory: Path) -> list:
        file = directory / "nginx.conf"
        file.write_text(self.CONFIGURATION.format(workers=os.cpu_count(), directory=directory, vip=VIP[4],
                                                  server=self.ends.server.address(4), port=ASKS))
        return ["nginx", "-p", directory, "-e", directory / "error.log", "-c", file]


def all_of(lab: Lab) -> list[System]:
    """Pairs whose figures are held against each other stand next to each other. What polls has a core, its two ends the other."""
    return [Wire(lab, "wire", OTHER_CORE), Tandem(lab, "tandem-spin", OTHER_CORE, idle="spin", cores=[int(POLLING_CORE)]),
            Nftables(lab, "nftables"), Tandem(lab, "tandem", workers=1), Haproxy(lab, "haproxy"), NginxStream(lab, "nginx")]
