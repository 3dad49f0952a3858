# SPDX-License-Identifier: Apache-2.0
"""Packets that nobody asked for, at a given rate, from random sources to random ports of one address.

    python3 -m tandemlab.junk --device eth0 --source-mac MAC --target-mac MAC --to ADDRESS --rate 20000 --seconds 20
        [--kind udp|syn] [--port N] [--different N]

A rate of 0 is as fast as it can. Sources are from the range reserved for benchmarks. Prints what was sent, and at which rate, as JSON.
"""
import json
import random
import signal
import socket
import time

from . import packets
from .many_frames import ManyFrames

DIFFERENT = {"udp": 4096, "syn": 32768}   # SYNs: more than may be half-open in a small table, or they are but retransmissions
SLICE_S = 0.002


def random_source(chance: random.Random, family: int) -> str:
    if family == 4:
        return f"198.18.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    return f"2001:2:0:{chance.randrange(65536):x}::{chance.randrange(1, 65536):x}"


def frames(options) -> list[bytes]:
    chance = random.Random(options.seed)
    family = 6 if ":" in options.to else 4
    made = []
    for _ in range(options.different or DIFFERENT[options.kind]):
        source, port = random_source(chance, family), options.port or chance.randrange(1, 65536)
        if options.kind == "syn":
            packet = packets.tcp(source, chance.randrange(1024, 65536), options.to, port, packets.SYN, chance.getrandbits(32))
        else:
            packet = packets.udp(source, chance.randrange(1024, 65536), options.to, port, chance.randbytes(18))
        made.append(packets.ethernet(options.target_mac, options.source_mac, packet))
    return made


def main() -> None:
    words = packets.sender_words()
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--kind", choices=["udp", "syn"], default="udp")
    words.add_argument("--rate", type=float, default=20000)
    words.add_argument("--seconds", type=float, default=0)
    words.add_argument("--different", type=int, default=0)
    words.add_argument("--seed", type=int, default=1)
    options = words.parse_args()
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    ready = frames(options)
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((options.device, 0))
    many = None if options.rate else ManyFrames(out, ready)
    sent = refused = 0
    began = now = time.monotonic()
    while not asked and not (options.seconds and now - began >= options.seconds):
        if not options.rate:
            went = many.send()
            sent, refused = sent + went, refused + (went == 0)
        while options.rate and sent + refused < (now - began) * options.rate:
            try:
                out.send(ready[sent % len(ready)])
                sent += 1
            except OSError:
                refused += 1
        if options.rate:
            time.sleep(SLICE_S)
        now = time.monotonic()
    print(json.dumps({"sent": sent, "refused": refused, "seconds": round(now - began, 3), "rate": round(sent / (now - began))}))


if __name__ == "__main__":
    main()
