# SPDX-License-Identifier: Apache-2.0
"""keepalived in the place of a node. Beside a node of ours it comes with a web server whose page says so: who serves is who answers."""
import re

from .net import Lab
from .nginx import Nginx
from .pair_site import GATEWAYS, GROUPS, VIPS, VRIDS
from .process import Process
from .site import LENGTH, Server

NAME = "keepalived"
DEVICE = {"outside": "eth0", "inside": "eth1"}
COMPLAINT = re.compile(r"invalid|mismatch|checksum|incorrect|unexpected|bogus|wrong|malformed|ignor|error|fail", re.IGNORECASE)

INSTANCE = """\
vrrp_instance {name} {{
  state BACKUP
  interface {device}
  use_vmac vrrp{family}.{vrid}
  version 3
  {native}
  virtual_router_id {vrid}
  priority {priority}
  advert_int {interval_s}
  virtual_ipaddress {{
    {addresses}
  }}
}}
"""


def link_local(vrid: int) -> str:
    """The virtual router's own, RFC 9568 5.2.9: made of its virtual MAC."""
    return f"fe80::200:5eff:fe00:2{vrid:02x}"


def instance(group: str, lan: str, family: int, node: str, interval_s: float) -> str:
    vrid = VRIDS[group][lan]
    served = [f"{VIPS[group][family]}/{32 if family == 4 else 128}"]
    if lan == "inside":
        served.append(f"{GATEWAYS[group][family]}/{LENGTH[family]}")
    addresses = served if family == 4 else [f"{link_local(vrid)}/64", *served]
    return INSTANCE.format(name=f"{group}_{lan}", device=DEVICE[lan], vrid=vrid, family=family, native="native_ipv6" if family == 6 else "",
                           priority=254 if GROUPS[group] == node else 250, interval_s=interval_s, addresses="\n    ".join(addresses))


def configuration(family: int, node: str, interval_s: float) -> str:
    groups = "".join(f"vrrp_sync_group {group} {{\n  group {{\n    {group}_outside\n    {group}_inside\n  }}\n}}\n" for group in GROUPS)
    return ("global_defs {\n  router_id " + node + "\n}\n" + groups
            + "".join(instance(group, lan, family, node, interval_s) for group in GROUPS for lan in DEVICE))


class Keepalived:
    def __init__(self, lab: Lab, host, family: int, node: str = "lb-b", interval_s: float = 0.05):
        self.lab, self.host, self.family, self.node, self.starts, self.process = lab, host, family, node, 0, None
        self.file = lab.directory / f"keepalived-{node}.conf"
        self.file.write_text(configuration(family, node, interval_s))
        self.file.chmod(0o644)
        # Whoever has an address on a virtual MAC answers for it there alone.
        host.sysctl({f"net.ipv4.conf.{device}.{key}": value for device in DEVICE.values() for key, value in
                     (("arp_ignore", 1), ("arp_announce", 2))})

    def open_web(self) -> None:
        self.web = Nginx(Server(self.host, 99, NAME), ["0.0.0.0" if self.family == 4 else "::"]).start()

    def start(self) -> "Keepalived":
        self.starts += 1
        # Its own pid files at every start: a killed child that nobody has reaped yet would count as running.
        pids = [self.lab.directory / f"keepalived-{self.starts}-{self.node}-{what}.pid" for what in ("all", "vrrp")]
        argv = ["keepalived", "-n", "-P", "-D", "-l", "-G", "-f", self.file, "-p", pids[0], "-r", pids[1]]
        self.process = Process(self.host, argv, f"keepalived-{self.starts}-{self.node}")
        return self

    def power_off(self) -> None:
        """SIGKILL; and its addresses go too, which a killed keepalived leaves behind in a kernel that lives on."""
        self.process.kill()
        self.host.run(["ip", "-force", "-batch", "-"], check=False,
                      text_in="".join(f"link del vrrp{self.family}.{VRIDS[group][lan]}\n" for group in GROUPS for lan in DEVICE))

    def serves(self, group: str) -> bool:
        return self.host.run(["ip", "-o", "addr", "show", "to", VIPS[group][self.family]]).stdout != ""

    def log(self) -> list[str]:
        """Of all its starts."""
        files = sorted((self.lab.directory / "logs").glob(f"keepalived-[0-9]*-{self.node}.*"))
        return [line for file in files for line in file.read_text(errors="replace").splitlines()]

    def complaints(self) -> list[str]:
        return [line for line in self.log() if COMPLAINT.search(line)]
