# SPDX-License-Identifier: Apache-2.0
"""keepalived in the place of lb-b, and a web server on that host whose page says so: who serves a VIP is who answers."""
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
  advert_int 0.05
  virtual_ipaddress {{
    {addresses}
  }}
}}
"""


def link_local(vrid: int) -> str:
    """The virtual router's own, RFC 9568 5.2.9: made of its virtual MAC."""
    return f"fe80::200:5eff:fe00:2{vrid:02x}"


def instance(group: str, lan: str, family: int) -> str:
    vrid = VRIDS[group][lan]
    served = [f"{VIPS[group][family]}/{32 if family == 4 else 128}"]
    if lan == "inside":
        served.append(f"{GATEWAYS[group][family]}/{LENGTH[family]}")
    addresses = served if family == 4 else [f"{link_local(vrid)}/64", *served]
    return INSTANCE.format(name=f"{group}_{lan}", device=DEVICE[lan], vrid=vrid, family=family, native="native_ipv6" if family == 6 else "",
                           priority=254 if GROUPS[group] == "lb-b" else 250, addresses="\n    ".join(addresses))


def configuration(family: int) -> str:
    groups = "".join(f"vrrp_sync_group {group} {{\n  group {{\n    {group}_outside\n    {group}_inside\n  }}\n}}\n" for group in GROUPS)
    return ("global_defs {\n  router_id lb-b\n}\n" + groups
            + "".join(instance(group, lan, family) for group in GROUPS for lan in DEVICE))


class Keepalived:
    def __init__(self, lab: Lab, host, family: int):
        self.lab, self.host, self.family, self.starts, self.process = lab, host, family, 0, None
        self.file = lab.directory / "keepalived.conf"
        self.file.write_text(configuration(family))
        self.file.chmod(0o644)
        # Whoever has an address on a virtual MAC answers for it there alone.
        host.sysctl({f"net.ipv4.conf.{device}.{key}": value for device in DEVICE.values() for key, value in
                     (("arp_ignore", 1), ("arp_announce", 2))})
        self.web = Nginx(Server(host, 99, NAME), ["0.0.0.0" if family == 4 else "::"]).start()

    def start(self) -> "Keepalived":
        self.starts += 1
        # Its own pid files at every start: a killed child that nobody has reaped yet would count as running.
        pids = [self.lab.directory / f"keepalived-{self.starts}-{what}.pid" for what in ("all", "vrrp")]
        argv = ["keepalived", "-n", "-P", "-D", "-l", "-G", "-f", self.file, "-p", pids[0], "-r", pids[1]]
        self.process = Process(self.host, argv, f"keepalived-{self.starts}")
        return self

    def power_off(self) -> None:
        """SIGKILL; and its addresses go too, which a killed keepalived leaves behind in a kernel that lives on."""
        self.process.kill()
        for group in GROUPS:
            for lan in DEVICE:
                self.host.run(["ip", "link", "del", f"vrrp{self.family}.{VRIDS[group][lan]}"], check=False)

    def complaints(self) -> list[str]:
        lines = [line for log in sorted((self.lab.directory / "logs").glob("keepalived-*"))
                 if log.name.split("-")[1][0].isdigit() for line in log.read_text(errors="replace").splitlines()]
        return [line for line in lines if COMPLAINT.search(line)]
