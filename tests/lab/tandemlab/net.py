# SPDX-License-Identifier: Apache-2.0
"""Namespaces as hosts, bridges as LANs, veth pairs as cables.

    with Lab() as lab:
        lan = lab.lan("lan")
        client = lab.host("client")
        lan.plug(client, "eth0", mac="02:00:00:00:00:07", addresses=["198.51.100.7/24"])
        client.run(["ping", "-c1", "198.51.100.1"])

Whatever was made goes away on leaving, also after an exception, Ctrl-C or SIGTERM. `keep()` leaves it running.
"""
import atexit
import subprocess

from . import signals
from .registry import NETNS, Registry

# What makes veth hand over frames as a wire would: whole checksums, nothing larger than the MTU.
PLAIN_WIRE = ["tx", "off", "tso", "off", "gso", "off", "gro", "off", "lro", "off"]

QUIET_HOST = {
    "net.ipv4.ip_forward": 0,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.default.send_redirects": 0,
    "net.ipv4.ip_local_port_range": "10000 64999",
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ping_group_range": "0 65535",
    "net.ipv6.conf.all.forwarding": 0,
    "net.ipv6.conf.all.accept_dad": 0,
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.accept_ra": 0,
    "net.ipv6.conf.default.router_solicitations": 0,
}


class CommandFailed(AssertionError):
    pass


def command(argv, text_in=None, check=True, timeout_s=30.0) -> subprocess.CompletedProcess:
    """Runs to the end. When this is interrupted the command ends with it, so it makes nothing after the clean-up."""
    argv, running = [str(word) for word in argv], None
    try:
        with signals.deferred():
            running = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, error = running.communicate(text_in, timeout=timeout_s)
    except BaseException:
        if running is not None:
            running.kill()
            running.wait()
        raise
    if check and running.returncode:
        raise CommandFailed(f"expected success of: {' '.join(argv)}\n"
                            f"got exit {running.returncode}\n{out}{error}{text_in or ''}")
    return subprocess.CompletedProcess(argv, running.returncode, out, error)


class Host:
    """One namespace. Commands enter it with nsenter, so that they keep the mounts of the caller."""

    def __init__(self, lab: "Lab", name: str):
        self.lab, self.name = lab, name
        self.namespace = f"tdm-{lab.name}-{name}"
        lab.registry.note(namespace=self.namespace)
        command(["ip", "netns", "add", self.namespace])
        self.sysctl(QUIET_HOST)
        self.ip("link set lo up")

    def inside(self, argv, uid=None) -> list[str]:
        """The same command as a command line that runs in this namespace."""
        enter = ["nsenter", f"--net={NETNS / self.namespace}"]
        if uid is not None:
            enter += [f"--setuid={uid}", f"--setgid={uid}"]
        return enter + ["--"] + [str(word) for word in argv]

    def run(self, argv, **options) -> subprocess.CompletedProcess:
        return command(self.inside(argv), **options)

    def ip(self, *lines: str) -> None:
        command(["ip", "-n", self.namespace, "-batch", "-"], text_in="\n".join(lines) + "\n")

    def sysctl(self, values: dict) -> None:
        self.run(["sysctl", "-q", "-w"] + [f"{key}={value}" for key, value in values.items()])

    def nft(self, rules: str) -> None:
        self.run(["nft", "-f", "-"], text_in=rules)

    def add_address(self, device: str, address: str) -> None:
        self.ip(f"addr add {address} dev {device}" + (" nodad" if ":" in address else ""))

    def take_vip_on_loopback(self, vip: str) -> None:
        """What l2-dsr asks of a server: own the VIP, answer no ARP for it."""
        self.sysctl({"net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.all.arp_announce": 2})
        self.add_address("lo", f"{vip}/128" if ":" in vip else f"{vip}/32")


class Lan:
    """A bridge in a namespace of its own; `plug` runs a cable from it to a host."""

    def __init__(self, lab: "Lab", name: str):
        self.name = name
        self.switch = lab.host(f"{name}-switch")
        self.switch.ip("link add bridge type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set bridge up")

    def plug(self, host: Host, device: str, mac: str, addresses=(), queues: int = 1, mtu: int = 1500) -> None:
        # A device name has 15 letters; a second device of the same host gets its name's end in front.
        plug = (host.name if device == "eth0" else f"{device}.{host.name}")[:15]
        self.switch.ip(
            f"link add {plug} mtu {mtu} numtxqueues {queues} numrxqueues {queues} type veth peer name {device} "
            f"address {mac} mtu {mtu} numtxqueues {queues} numrxqueues {queues} netns {host.namespace}",
            f"link set {plug} master bridge up")
        self.switch.run(["ethtool", "-K", plug] + PLAIN_WIRE)
        host.run(["ethtool", "-K", device] + PLAIN_WIRE)
        host.ip(f"link set {device} up")
        for address in addresses:
            host.add_address(device, address)


LIVE: list["Lab"] = []   # those that are not closed


class Lab:
    def __init__(self):
        self.hosts: dict[str, Host] = {}
        self.lans: dict[str, Lan] = {}
        self.processes = []
        self.last_looks = []   # at what still runs, before it is ended; each fails by an exception
        self.closed = False
        signals.install()
        with signals.deferred():
            self.registry = Registry.create()
            self.name = self.registry.name
            self.directory = self.registry.directory
            atexit.register(self.close)
        LIVE.append(self)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, kind, *_exception) -> None:
        try:
            if kind is None and not self.closed:
                self.look()
        finally:
            self.close()

    def look(self) -> None:
        for look in self.last_looks:
            look()

    def host(self, name: str) -> Host:
        self.hosts[name] = Host(self, name)
        return self.hosts[name]

    def lan(self, name: str) -> Lan:
        self.lans[name] = Lan(self, name)
        return self.lans[name]

    def keep(self) -> None:
        """Leaves everything running; `scripts/lab down` ends it."""
        self.closed = True
        LIVE.remove(self)
        signals.uninstall()

    def close(self) -> None:
        if self.closed:
            return
        try:
            with signals.deferred():
                self.closed = True
                atexit.unregister(self.close)
                for process in reversed(self.processes):
                    process.stop(seconds=3.0)
                self.registry.remove()
        finally:
            LIVE.remove(self)
            signals.uninstall()
