# SPDX-License-Identifier: Apache-2.0
"""Counts taken outside the program under test: by the kernels of the far ends, by devices, by captures."""
import collections
import json
from dataclasses import dataclass

from .process import Process
from .net import command


def _pairs(text: str) -> dict[str, int]:
    """/proc/net/snmp and netstat: a line of names, then a line of values."""
    found, lines = {}, text.splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        group = names.split(":")[0]
        for name, value in zip(names.split()[1:], values.split()[1:]):
            found[f"{group}.{name}"] = int(value)
    return found


def kernel(host) -> collections.Counter:
    """{'Tcp.RetransSegs': 0, 'TcpExt.TCPTimeouts': 0, 'Udp6InDatagrams': 0, …} of one host."""
    found = collections.Counter(_pairs(host.run(["cat", "/proc/net/snmp"]).stdout))
    found.update(_pairs(host.run(["cat", "/proc/net/netstat"]).stdout))
    for line in host.run(["cat", "/proc/net/snmp6"]).stdout.splitlines():
        name, value = line.split()
        found[name] = int(value)
    return found


class Since:
    """What the kernels of some hosts counted from here on, added up."""

    def __init__(self, *hosts):
        self.hosts, self.before = hosts, [kernel(host) for host in hosts]

    def all(self) -> collections.Counter:
        total = collections.Counter()
        for host, before in zip(self.hosts, self.before):
            for name, value in kernel(host).items():
                total[name] += value - before[name]
        return total

    def __getitem__(self, name: str) -> int:
        return self.all()[name]

    def tcp_trouble(self) -> dict[str, int]:
        now = self.all()
        wrong = now["Tcp.InCsumErrors"] + now["Udp.InCsumErrors"] + now["Udp6InCsumErrors"] + now["Icmp.InCsumErrors"]
        return {"segments": now["Tcp.OutSegs"], "retransmitted": now["Tcp.RetransSegs"], "resets": now["Tcp.OutRsts"],
                "wrong_checksums": wrong}


def link(host, device: str = "eth0") -> dict:
    """`ip -j -s link` of one device: operstate, xdp, and stats64 with rx and tx."""
    return json.loads(command(["ip", "-n", host.namespace, "-j", "-s", "-d", "link", "show", device]).stdout)[0]


def has_xdp(host, device: str = "eth0") -> bool:
    return "xdp" in link(host, device)


@dataclass
class Capture:
    """tcpdump on a device of a host, from the moment this returns until `stop`."""

    process: Process
    file: str

    def stop(self) -> "Capture":
        code = self.process.stop()
        assert code == 0, f"expected tcpdump to end by itself\n{self.process.describe()}"
        return self

    def lines(self, *filter_words: str) -> list[str]:
        """Readable, one packet a line; `-vv` says which checksums are wrong."""
        argv = ["tcpdump", "-nn", "-e", "-vv", "-r", self.file, *filter_words]
        text = command(argv).stdout
        found = []
        for line in text.splitlines():       # tcpdump -v continues a packet on indented lines
            if line[:1].isspace() and found:
                found[-1] += " " + line.strip()
            else:
                found.append(line)
        return found

    def count(self, *filter_words: str) -> int:
        return len(self.lines(*filter_words))

    def wrong_checksums(self) -> list[str]:
        return [line for line in self.lines() if "bad udp cksum" in line or "(incorrect" in line or "bad cksum" in line]

    def dropped(self) -> int:
        """Packets the capture itself missed: anything above 0 makes its counts worthless."""
        return sum(int(line.split()[0]) for line in self.process.log.read_text().splitlines() if "dropped by" in line)


def capture(host, name: str, device: str = "eth0", *filter_words: str, snap: int = 256) -> Capture:
    file = str(host.lab.directory / f"{name}.pcap")
    argv = ["tcpdump", "-i", device, "-nn", "-U", "--immediate-mode", "-B", "16384", "-s", snap, "-Z", "root", "-w", file, *filter_words]
    process = Process(host, argv, f"tcpdump-{name}")
    process.wait_log("listening on")
    return Capture(process, file)
