# SPDX-License-Identifier: Apache-2.0
"""A server's end of the tunnels, where its kernel has no driver for them: what comes by ipip or GUE goes into a TUN device as it was
inside, and so to the VIP on the loopback.

    python3 -m tandemlab.decapsulator --device tunnel [--gue-port 6080]     (until SIGTERM, then JSON)

The report counts packets by the form they came in (ip4, ip6, gue, gue header), the outer senders, and what could not be understood.
"""
import argparse
import collections
import fcntl
import json
import os
import select
import signal
import socket
import struct

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
UDP_NO_CHECK6_RX, RCVBUFFORCE = 102, 33
INNER = {4: "ip4", 41: "ip6"}


def open_tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH", name.encode(), IFF_UP))
    return device


def receiver(family: int, kind: int, protocol: int) -> socket.socket:
    made = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
    made.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 4 << 20)
    return made


def gue_receiver(port: int) -> socket.socket:
    made = receiver(socket.AF_INET6, socket.SOCK_DGRAM, 0)
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_RX, 1)
    made.bind(("::", port))
    return made


def without_ipv4_header(packet: bytes) -> bytes:
    return packet[(packet[0] & 0x0F) * 4:]


def out_of_gue(datagram: bytes) -> tuple[str, bytes]:
    """Variant 1 is the packet itself: its version's first bit tells. Variant 0 has four bytes before it."""
    if datagram[:1] and datagram[0] >> 6 == 1:
        return "gue", datagram
    known = len(datagram) > 4 and datagram[0] == 0 and datagram[1] in INNER and datagram[2:4] == b"\0\0"
    return ("gue header", datagram[4:]) if known else ("not understood", b"")


def sources(gue_port: int) -> list:
    """(socket, what it receives → form and inner packet)"""
    found = [(gue_receiver(gue_port), out_of_gue)]
    for protocol, form in INNER.items():
        # A raw socket shows IPv4's own header, and not IPv6's.
        found.append((receiver(socket.AF_INET, socket.SOCK_RAW, protocol), lambda packet, form=form: (form, without_ipv4_header(packet))))
        found.append((receiver(socket.AF_INET6, socket.SOCK_RAW, protocol), lambda packet, form=form: (form, packet)))
    return found


def run(options) -> dict:
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    tun, forms, senders = open_tun(options.device), collections.Counter(), set()
    poll, by_descriptor = select.epoll(), {}
    for each, take in sources(options.gue_port):
        by_descriptor[each.fileno()] = each, take
        poll.register(each.fileno(), select.EPOLLIN)
    print("ready", flush=True)
    while not stopped:
        for descriptor, _events in poll.poll(0.1):
            each, take = by_descriptor[descriptor]
            try:
                while True:
                    packet, sender = each.recvfrom(65536)
                    form, inner = take(packet)
                    forms[form] += 1
                    senders.add(sender[0])
                    if inner:
                        os.write(tun, inner)
            except BlockingIOError:
                pass
    return {"forms": forms, "senders": len(senders)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="tunnel")
    parser.add_argument("--gue-port", type=int, default=6080)
    print(json.dumps(run(parser.parse_args())), flush=True)


if __name__ == "__main__":
    main()
