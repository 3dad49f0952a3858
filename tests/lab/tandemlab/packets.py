# SPDX-License-Identifier: Apache-2.0
"""Frames made and judged by hand, and a host that is only a packet socket: it sends whatever it is told to."""
import argparse
import ipaddress
import os
import socket
import struct
import time

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
SYN, RST, ACK, FIN = 0x02, 0x04, 0x10, 0x01
ETH_P_ALL = 3


def mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def ones_sum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data: bytes) -> int:
    return ~ones_sum(data) & 0xFFFF


def pseudo_header(source, target, protocol: int, length: int) -> bytes:
    if source.version == 4:
        return source.packed + target.packed + struct.pack("!BBH", 0, protocol, length)
    return source.packed + target.packed + struct.pack("!IHBB", length, 0, 0, protocol)


def ip_packet(source: str, target: str, protocol: int, payload: bytes, ttl: int = 64) -> bytes:
    source, target = ipaddress.ip_address(source), ipaddress.ip_address(target)
    if source.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl) + source.packed + target.packed + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, ttl, protocol, 0) + source.packed + target.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def with_checksum(source: str, target: str, protocol: int, segment: bytes, offset: int, flip: int = 0) -> bytes:
    pseudo = pseudo_header(ipaddress.ip_address(source), ipaddress.ip_address(target), protocol, len(segment))
    value = (checksum(pseudo + segment) or 0xFFFF) ^ flip
    return segment[:offset] + struct.pack("!H", value) + segment[offset + 2:]


def udp(source: str, source_port: int, target: str, target_port: int, payload: bytes = b"", wrong: bool = False, ttl: int = 64) -> bytes:
    """`wrong` turns over bits of the checksum."""
    segment = struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload
    return ip_packet(source, target, UDP, with_checksum(source, target, UDP, segment, 6, 0x5555 * wrong), ttl)


def tcp(source: str, source_port: int, target: str, target_port: int, flags: int, sequence: int = 1, acknowledge: int = 0,
        payload: bytes = b"", wrong: bool = False, ttl: int = 64) -> bytes:
    segment = struct.pack("!HHIIBBHHH", source_port, target_port, sequence, acknowledge, 5 << 4, flags, 65535, 0, 0) + payload
    return ip_packet(source, target, TCP, with_checksum(source, target, TCP, segment, 16, 0x5555 * wrong), ttl)


def ethernet(target_mac: str, source_mac: str, packet: bytes, kind: int | None = None, vlan: int | None = None) -> bytes:
    kind = kind if kind is not None else IPV6 if packet[0] >> 4 == 6 else IPV4
    tag = struct.pack("!HH", 0x8100, vlan) if vlan is not None else b""
    return mac_bytes(target_mac) + mac_bytes(source_mac) + tag + struct.pack("!H", kind) + packet


def arp_request(source_mac: str, source: str, target: str) -> bytes:
    body = (struct.pack("!HHBBH", 1, IPV4, 6, 4, 1) + mac_bytes(source_mac) + ipaddress.ip_address(source).packed
            + bytes(6) + ipaddress.ip_address(target).packed)
    return ethernet("ff:ff:ff:ff:ff:ff", source_mac, body, ARP)


def neighbour_solicitation(source_mac: str, source: str, target: str) -> bytes:
    """RFC 4861 4.3, to the target's solicited-node group."""
    wanted = ipaddress.ip_address(target).packed
    group = str(ipaddress.ip_address(bytes.fromhex("ff0200000000000000000001ff") + wanted[13:]))
    message = struct.pack("!BBHI", 135, 0, 0, 0) + wanted + b"\1\1" + mac_bytes(source_mac)
    packet = ip_packet(source, group, ICMPV6, with_checksum(source, group, ICMPV6, message, 2), ttl=255)
    return ethernet(f"33:33:ff:{wanted[13]:02x}:{wanted[14]:02x}:{wanted[15]:02x}", source_mac, packet)


def resolution_answer(frame: bytes, address: str) -> str | None:
    """The MAC that this ARP reply or neighbour advertisement says the address has."""
    wanted = ipaddress.ip_address(address).packed
    if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02" and frame[28:32] == wanted:
        return frame[22:28].hex(":")
    if frame[12:14] == b"\x86\xdd" and frame[20] == ICMPV6 and frame[54] == 136 and frame[62:78] == wanted:
        return frame[80:86].hex(":")
    return None


def checksums_right(frame: bytes) -> bool:
    """Judges an untagged IP frame as the far end would: header, and TCP or UDP behind it."""
    kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
    if kind == IPV4:
        head_length = (packet[0] & 15) * 4
        if ones_sum(packet[:head_length]) != 0xFFFF:
            return False
        source, target, protocol = packet[12:16], packet[16:20], packet[9]
        segment = packet[head_length:struct.unpack_from("!H", packet, 2)[0]]
    elif kind == IPV6:
        source, target, protocol = packet[8:24], packet[24:40], packet[6]
        segment = packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
    else:
        return True
    if protocol not in (TCP, UDP, ICMPV6) or (protocol == UDP and kind == IPV4 and segment[6:8] == b"\0\0"):
        return True
    pseudo = pseudo_header(ipaddress.ip_address(source), ipaddress.ip_address(target), protocol, len(segment))
    return ones_sum(pseudo + segment) == 0xFFFF


def sender_words() -> argparse.ArgumentParser:
    """What a program that sends frames from a device to one address is told."""
    words = argparse.ArgumentParser()
    words.add_argument("--device", default="eth0")
    words.add_argument("--source-mac", required=True)
    words.add_argument("--target-mac", required=True)
    words.add_argument("--to", required=True)
    return words


class PacketHost:
    """A packet socket on a device of a lab host, held by this process: the socket is made inside the namespace."""

    def __init__(self, host, device: str = "eth0"):
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        inside = os.open(f"/var/run/netns/{host.namespace}", os.O_RDONLY)
        try:
            os_setns(inside)
            try:
                self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
                self.socket.bind((device, ETH_P_ALL))
            finally:
                os_setns(own)
        finally:
            os.close(own)
            os.close(inside)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.socket.close()

    def send(self, frame: bytes) -> None:
        self.socket.send(frame)

    def receive(self, wanted, seconds: float = 2.0) -> bytes | None:
        """The first frame from the wire for which `wanted(frame)` holds, or None."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame, origin = self.socket.recvfrom(65536)
            except TimeoutError:
                return None
            if origin[2] != socket.PACKET_OUTGOING and wanted(frame):
                return frame
        return None

    def all(self, seconds: float) -> list[bytes]:
        """Every frame from the wire meanwhile."""
        found, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            frame = self.receive(lambda _frame: True, left)
            if frame is not None:
                found.append(frame)
        return found

    def who_has(self, source_mac: str, source: str, target: str, seconds: float = 0.3) -> list[tuple[str, str]]:
        """Asks for the target by ARP or NDP. All who answered to us: (Ethernet source, MAC that the answer names)."""
        ask = neighbour_solicitation if ":" in target else arp_request
        self.send(ask(source_mac, source, target))
        return [(frame[6:12].hex(":"), mac) for frame in self.all(seconds)
                if frame[:6] == mac_bytes(source_mac) and (mac := resolution_answer(frame, target))]

    def ask_arp(self, source_mac: str, source: str, target: str, seconds: float = 2.0) -> str | None:
        """Who has the target: the MAC that answers, or None."""
        self.send(arp_request(source_mac, source, target))
        wanted = ipaddress.ip_address(target).packed
        frame = self.receive(lambda got: got[12:14] == b"\x08\x06" and got[20:22] == b"\0\x02" and got[28:32] == wanted, seconds)
        return frame[22:28].hex(":") if frame else None


def os_setns(descriptor: int) -> None:
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, 0x40000000):      # CLONE_NEWNET; os.setns came with Python 3.12
        raise OSError(ctypes.get_errno(), "setns")
