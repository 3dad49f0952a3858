# SPDX-License-Identifier: Apache-2.0
"""A port of the node in memory shared with another program, with its other end in the LAN: DPDK's own testpmd carries frames between a
packet socket and memif, or virtio when the port is `vhost:`.

    LAN ── eth0 ── testpmd (io) ── memif or virtio, two queues ── tandemd

Such a port has no kernel twin, so the node's configuration says who its neighbours are.
"""
from .process import Process, wait_until
from .site import CLIENT, CLIENT_MAC, FAMILIES, NODE_INSIDE, NODE_MAC, NODE_OUTSIDE, server_mac, with_length

QUEUES = 2


def port_of(site, socket, kind: str = "memif") -> dict:
    neighbours = {CLIENT[family]: CLIENT_MAC for family in FAMILIES}
    for server in site.servers:
        neighbours |= {server.address(family): server_mac(server.number) for family in FAMILIES}
    return {"name": "lan", "device": f"{kind}:{socket}", "mac": NODE_MAC, "queues": QUEUES, "neighbour": neighbours,
            "address": with_length(NODE_OUTSIDE) + with_length(NODE_INSIDE)}


# AF_PACKET's fanout puts fragments together before anybody sees them; libpcap's socket has none, and one queue.
PACKET_SOCKET, CAPTURE_SOCKET = f"net_af_packet0,iface=eth0,qpairs={QUEUES}", "net_pcap0,rx_iface_in=eth0,tx_iface=eth0"


def far_end(socket, kind: str, queues: int) -> str:
    if kind == "vhost":
        return f"net_virtio_user0,path={socket},queues={queues},queue_size=1024"
    return f"net_memif0,role=client,socket={socket},socket-abstract=no"


def connect(site, node, socket, by: str = PACKET_SOCKET, kind: str = "memif") -> Process:
    """After tandemd has made the socket: eth0 becomes the wire's, the kernel keeps no address of the node."""
    queues = QUEUES if by == PACKET_SOCKET else 1
    site.node.ip("addr flush dev eth0")
    site.node.sysctl({"net.ipv6.conf.eth0.disable_ipv6": 1})
    devices = [far_end(socket, kind, queues), by]
    argv = ["dpdk-testpmd", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "128", "-l", "0,1",
            *[f"--vdev={device}" for device in devices],
            "--", "--forward-mode=io", "--nb-cores=1", f"--rxq={queues}", f"--txq={queues}", "--total-num-mbufs=8192",
            "--auto-start", "--stats-period=60"]
    wire = Process(site.node, argv, "testpmd-wire")
    wait_until(lambda: node.ctl("port", "list")[0]["up"], f"the {kind} port is connected", 15, wire, every_s=0.1)
    return wire
