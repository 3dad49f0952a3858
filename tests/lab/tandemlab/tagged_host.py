# SPDX-License-Identifier: Apache-2.0
"""A host on a VLAN that is only a packet socket: the kernel here has no VLAN devices, so it writes and reads tags itself."""
import socket
import struct
import time

from .packets import PacketHost, ethernet

SOL_PACKET, PACKET_AUXDATA = 263, 8
AUXDATA = struct.Struct("=IIIHHHH")      # struct tpacket_auxdata: status, len, snaplen, mac, net, vlan_tci, vlan_tpid
VLAN_VALID = 1 << 4
LONGEST = 65536


class TaggedHost(PacketHost):
    """`vlan`: None is untagged. What it sees is its own LAN alone, as a switch would bring it."""

    def __init__(self, host, mac: str, vlan: int | None, device: str = "eth0"):
        super().__init__(host, device)
        self.mac, self.vlan = mac, vlan
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def say(self, target_mac: str, packet: bytes) -> None:
        self.send(ethernet(target_mac, self.mac, packet, vlan=self.vlan))

    def next(self, seconds: float) -> tuple[int | None, bytes] | None:
        """Tag and untagged frame of what comes next from the wire; the kernel takes tags out of frames and tells them beside."""
        self.socket.settimeout(seconds)
        try:
            frame, beside, _flags, origin = self.socket.recvmsg(LONGEST, socket.CMSG_SPACE(AUXDATA.size))
        except TimeoutError:
            return None
        if origin[2] == socket.PACKET_OUTGOING:
            return None
        for level, kind, data in beside:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, *_lengths, control, _type = AUXDATA.unpack(data[:AUXDATA.size])
                if status & VLAN_VALID:
                    return control & 0x0FFF, frame
        return None, frame

    def hears(self, wanted, seconds: float = 2.0) -> bytes | None:
        """The first frame to this host's MAC, in its LAN, for which `wanted(frame)` holds."""
        own, end = bytes.fromhex(self.mac.replace(":", "")), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            seen = self.next(left)
            if seen and seen[0] == self.vlan and seen[1][:6] == own and wanted(seen[1]):
                return seen[1]
        return None
