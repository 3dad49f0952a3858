# SPDX-License-Identifier: Apache-2.0
"""Many flows, one datagram each: every source sends from every port once a pass.

    python3 -m tandemlab.flows --source-mac MAC --target-mac MAC --to ADDRESS --port N [--sources 20] [--ports 50000] [--rate 150000]

Sources are 198.18.1.1 and on, IPv4 alone. Prints what was sent as JSON.
"""
import json
import socket
import struct
import time

from . import packets

FIRST_PORT, PORT_OFFSET = 10_000, 14 + 20
SLICE = 64


def frame_of(options, source: int) -> bytearray:
    """Without a UDP checksum, so that only the source port differs between a source's frames."""
    segment = struct.pack("!HHHH", 0, options.port, 8 + 4, 0) + b"flow"
    packet = packets.ip_packet(f"198.18.1.{source + 1}", options.to, packets.UDP, segment)
    return bytearray(packets.ethernet(options.target_mac, options.source_mac, packet))


def main() -> None:
    words = packets.sender_words()
    words.add_argument("--port", type=int, required=True)
    words.add_argument("--sources", type=int, default=20)
    words.add_argument("--ports", type=int, default=50_000)
    words.add_argument("--rate", type=float, default=150_000)
    options = words.parse_args()
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((options.device, 0))
    sent, began = 0, time.monotonic()
    for source in range(options.sources):
        frame = frame_of(options, source)
        for port in range(options.ports):
            struct.pack_into("!H", frame, PORT_OFFSET, FIRST_PORT + port)
            out.send(frame)
            sent += 1
            if sent % SLICE == 0:
                time.sleep(max(0.0, sent / options.rate - (time.monotonic() - began)))
    print(json.dumps({"sent": sent, "seconds": round(time.monotonic() - began, 3)}))


if __name__ == "__main__":
    main()
