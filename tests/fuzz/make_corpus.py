# SPDX-License-Identifier: Apache-2.0
"""Writes the seed corpora of parse, pipeline, oracle, fragments, quic, api, netlink, sync and ha anew: `tests/fuzz/make_corpus.py`. Each file is one idea."""
import hashlib
import hmac
import json
import struct
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def write(fuzzer, name, content):
    folder = CORPUS / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


# Frames, each behind the two bytes that say where its first segment ends.
def eth(ether_type, body, tag=b""):
    return bytes.fromhex("020000000001" "0200000000aa") + tag + struct.pack("!H", ether_type) + body


def ipv4(protocol, body, options=b"", fragment=0):
    def header(check):
        return struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), 1, fragment, 64, protocol, check,
                           bytes([10, 0, 0, 5]), bytes([10, 0, 0, 100])) + options
    return header(checksum(header(0))) + body


def ipv6(next_header, body):
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), next_header, 64, bytes([0xFD] + [0] * 14 + [5]), bytes([0xFD] + [0] * 13 + [1, 0])) + body


TCP = struct.pack("!HHIIBBHHH", 40000, 80, 1000, 0, 5 << 4, 2, 64240, 0, 0)
UDP = struct.pack("!HHHH", 40000, 53, 12, 0) + b"abcd"
ICMP = struct.pack("!BBHHH", 8, 0, 0, 1, 1)


def write_parse():
    whole, tag = b"\xff\xff", b"\x81\x00\x00\x07"
    frames = {
        "tcp4": eth(0x0800, ipv4(6, TCP)), "udp4": eth(0x0800, ipv4(17, UDP)), "icmp4": eth(0x0800, ipv4(1, ICMP)),
        "options4": eth(0x0800, ipv4(6, TCP, options=b"\x01\x07\x03\x04")), "fragment4": eth(0x0800, ipv4(6, TCP, fragment=0x2001)),
        "tagged": eth(0x0800, ipv4(6, TCP), tag), "arp": eth(0x0806, bytes.fromhex("0001080006040001") + bytes(20)),
        "tcp6": eth(0x86DD, ipv6(6, TCP)), "udp6": eth(0x86DD, ipv6(17, UDP)), "fragment6": eth(0x86DD, ipv6(44, b"\x06" + bytes(7) + TCP)),
        "chain6": eth(0x86DD, ipv6(0, b"\x3c" + bytes(7) + b"\x2b" + bytes(7) + b"\x33" + bytes(7) + b"\x06\x01" + bytes(10) + TCP)),
    }
    quote4, quote6 = ipv4(6, TCP), ipv6(0, b"\x2c" + bytes(7) + b"\x3c" + bytes(7) + b"\x11" + bytes(7) + UDP)
    frames["error4"] = eth(0x0800, ipv4(1, struct.pack("!BBHI", 3, 4, 0, 1400) + quote4))
    frames["error6"] = eth(0x86DD, ipv6(58, struct.pack("!BBHI", 2, 0, 0, 1400) + quote6))
    for name, frame in frames.items():
        write("parse", name, whole + frame)
    write("parse", "tcp4-split", b"\x00\x30" + frames["tcp4"])


# Steps of the pipeline's fuzzer: the decisions of fuzz_pipeline.cpp and frames.cpp in their order.
def packet(worker=0, kind=0, mac=0, vlan=(0,), family=0, back=0, client=0, far=0, port=0, near=0, extras=(0,), transport=(0, 0), payload=(0, 8),
           edit=(0,)):
    return bytes([0, worker, back // 2 % 2, 0, kind, mac, 0, *vlan, family, back, client, far, port, near, *extras, *transport, *payload, *edit, 0])


def other_kind(kind, decisions):
    return bytes([0, 0, 0, 0, kind, 2, 0, 0, *decisions, 0, 0, 0, 0])


def icmp_error(family=0, back=0, client=0, far=0, port=0, near=0, transport=(0, 0), speaker=(0, 0), kind=0):
    mac = back // 2
    return bytes([0, 0, back // 2 % 2, 0, 11, mac, 0, 0, family, back, client, far, port, near, 0, 0, *transport, 0, 8, 0, *speaker, kind, 0, 0, 0])


def wait(shift):
    return bytes([15, shift])


SYN, ACK, FIN, RST, SYN_ACK = ((0, n) for n in range(5))


def write_pipeline():
    life = packet(transport=SYN) + packet(back=2, mac=1, transport=SYN_ACK) + packet(transport=ACK)
    steps = {
        "life": life + packet(transport=FIN) + packet(back=2, mac=1, transport=FIN) + wait(7), "reset": life + packet(transport=RST) + wait(3),
        "udp": packet(near=1, transport=(5,)) + packet(back=2, mac=1, near=1, transport=(6,)) + wait(6), "backends-change": life + b"\x0e\x00\x00\x04" + life,
        "life6": b"".join(packet(family=1, back=b, mac=b // 2, transport=f) for b, f in ((0, SYN), (2, SYN_ACK), (0, ACK))),
        "one-way": packet(far=1, transport=SYN) + packet(far=1, transport=ACK) + packet(family=1, far=1, near=1, transport=(5,)),
        "table-fills": b"".join(packet(worker=c % 2, client=c, port=p, transport=SYN) for c in range(4) for p in range(8)),
        "other-port": packet(near=2, transport=SYN) + packet(near=3, transport=SYN), "echo": packet(transport=(7, 0, 0)) + packet(family=1, transport=(7, 1, 0)),
        "fragments": b"".join(packet(family=f, near=1, transport=(5,), extras=(3, 0, 0, *place, 0)) for f in (0, 1) for place in ((2, 1), (0, 0), (0, 0), (4, 1))),
        "fragments-back": packet(near=1, transport=(5,)) + b"".join(packet(back=2, mac=1, near=1, transport=(5,), extras=(3, 0, 0, *place, 0)) for place in ((2, 1), (0, 0))), "extensions": packet(family=1, extras=(3, 6, 0, 0, 0, 0, 0, 0, 0, 1, 1)),
        "options": packet(extras=(3, 4, 1, 7, 3, 4, 1)), "last-hop": packet(extras=(3, 0, 2, 1)), "tagged": packet(vlan=(7, 1)),
        "arp": other_kind(14, (0, 0, 0)) + other_kind(14, (0, 1, 2)), "neighbours": other_kind(13, (0, 0, 3, 0, 2, 0)) + other_kind(13, (0, 0, 2, 0, 3, 2, 0x60)),
        "group-moves": packet(mac=4, transport=SYN) + b"\x0d\x02\x02\x01" + packet(mac=4, transport=ACK) + packet(transport=(0, 1), client=1),
        "pair": other_kind(12, (0, 0, 0, 12)) + other_kind(12, (1, 3, 1, 8)), "transit": packet(back=2, mac=4, far=0, near=3, client=2, transport=SYN),
        "icmp-errors": life + icmp_error(transport=ACK) + icmp_error(back=2, transport=ACK, kind=4) + icmp_error(client=1, transport=ACK),
        "icmp-errors6": packet(family=1, transport=SYN) + icmp_error(family=1, transport=ACK, kind=2) + icmp_error(family=1, back=2, transport=ACK, kind=1),
        "icmp-one-way": packet(far=1, transport=SYN) + icmp_error(far=1, transport=SYN_ACK),
        "overwritten": packet(edit=(2, 2, 47, 0x12, 30, 11, 0, 1)), "super-frame": packet(payload=(7, 6, 0)),
    }
    for name, content in steps.items():
        write("pipeline", name, content)


# Steps of the oracle's fuzzer are the pipeline's without the kind of step, the worker and the number of frames; but whether it is to a
# port of our own, and at its end whether its MAC is another's.
def alone(step):
    return step[2:3] + b"\0" + step[4:] + b"\0"


# To the first port of ours that is in use; `error`: about what was asked by it.
def to_own_port(flags=0x12, error=False):
    return bytes([1, 5, 0, *((2, 8, 1) if error else (0, flags, 8)), 0, 0])


def write_oracle():
    def conversation(family, far, near, udp=False, server=0):
        ask, answer = ((5,), (5,)) if udp else (SYN, SYN_ACK)
        return b"".join(alone(step) for step in (
            packet(family=family, far=far, near=near, transport=ask), packet(family=family, back=2, mac=1, far=server, near=near, transport=answer),
            packet(family=family, far=far, near=near, transport=ask if udp else ACK), icmp_error(family=family, far=far, near=near, transport=ask, speaker=(1, 0))))
    own = to_own_port() + to_own_port(error=True) + to_own_port(0x10)
    services = {"nat": (0, 0, 0), "nat-udp": (0, 0, 1, True, 1), "nat6": (1, 0, 0), "nat6-udp": (1, 0, 1, True, 1), "full-nat": (0, 0, 2, False, 1),
                "full-nat-4to6": (0, 0, 3), "full-nat-6to4": (1, 0, 2, False, 2), "l2-dsr": (0, 1, 0), "l2-dsr6": (1, 1, 1, True), "ipip": (0, 1, 1, True),
                "gue6": (1, 1, 0), "gue": (0, 1, 2)}
    for name, service in services.items():
        write("oracle", name, conversation(*service) + own)
    life = b"".join(alone(packet(transport=flags)) for flags in (SYN, ACK, FIN, RST, SYN))
    reply = alone(packet(back=2, mac=1, near=3, transport=ACK))
    write("oracle", "life", life + reply + alone(icmp_error(back=2, near=3, transport=ACK)))
    write("oracle", "marked", alone(packet(transport=SYN, edit=(2, 1, 15, 0xb8, 1))) + alone(packet(transport=SYN, extras=(3, 4, 1, 1, 1, 1, 1))))


def write_fragments():
    def piece(name, place, more=True):
        return bytes([0, name, 0, place, 7, 1 if more else 0])
    write("fragments", "in-order", piece(0, 0) + piece(0, 1) + piece(0, 2, False))
    write("fragments", "last-first", piece(0, 2, False) + piece(0, 1) + piece(0, 0))
    write("fragments", "two", b"".join(piece(name, place, place < 2) for place in (2, 0, 1) for name in (0, 1)))
    write("fragments", "overlap", piece(0, 0) + piece(0, 1) + piece(0, 1) + piece(0, 3))
    write("fragments", "seventeen", b"".join(piece(0, place) for place in range(1, 19)) + piece(0, 0))
    write("fragments", "gaps", piece(0, 0) + b"".join(piece(0, 2 * place) for place in range(1, 12)))
    write("fragments", "late", piece(0, 1) + bytes([15, 126]) + piece(0, 0) + bytes([15, 100]) + piece(0, 2, False))


def write_api():
    calls = {
        "read": [("version", {}), ("status", {}), ("warnings.list", {}), ("drops.list", {}), ("port.list", {}), ("worker.list", {}), ("stats.snapshot", {})],
        "service": [("service.list", {}), ("service.show", {"service": "web"}), ("service.show", {"service": "wbe"})],
        "backend": [("backend.list", {"service": "web"}), ("backend.show", {"backend": "web/web-1"}),
                    ("backend.drain", {"backends": ["web/web-1"], "reason": "work", "ttl_seconds": 60}), ("backend.reset", {"backends": ["web/*"]})],
        "weight": [("backend.weight", {"backends": ["web/web-2"], "weight": "50%"}), ("backend.weight", {"backends": ["web/web-1"], "weight": "3"}),
                   ("backend.disable", {"backends": ["web/*"], "kill": True}), ("backend.enable", {"backends": ["web/*"], "force": True}), ("overlay.list", {})],
        "conn": [("conn.list", {"filter": {"src": "198.51.100.0/24", "service": "web", "sport": 40000}, "limit": 1}),
                 ("conn.count", {"group_by": "src", "filter": {"age_over_seconds": 0, "vip": "203.0.113.10"}})],
        "events": [("events.list", {"since_seconds": 60, "kind": ["start"], "limit": 5}), ("events.follow", {"kind": ["overlay"]}),
                   ("backend.drain", {"backends": ["web/web-1"]})],
        "check": [("check.list", {"service": "web"}), ("check.run", {"backend": "web/web-1"}), ("check.run", {"backend": "web/web-2"})],
        "config": [("config.check", {"text": "[node]\nname = 1\n", "file": "a.toml"}), ("config.diff", {"text": "[node]\nname = \"b\"\n"}),
                   ("config.apply", {"text": "x", "confirm_seconds": 10}), ("config.confirm", {}), ("config.rollback", {"hash": "0123"}), ("config.history", {})],
    }
    for name, lines in calls.items():
        text = "".join(json.dumps({"id": n, "method": m, "params": p}) + "\n" for n, (m, p) in enumerate(lines))
        write("api", name, b"\0" + text.encode())
    write("api", "status-socket", b"\2" + b'{"id":1,"method":"backend.drain"}\n{"id":2,"method":"version"}\n')
    write("api", "health-socket", b"\3" + b'{"id":1,"method":"check.watch"}\n{"id":2,"method":"version"}\n')
    write("api", "garbage", b"\0" + b'\n[]\n{"id":-1}\n{"id":1}\n{"id":1,"method":"no.such"}\n{"id":1,"method":"version","params":[]}\n')


# Messages of route netlink: header, attributes (type, payload).
def attribute(kind, payload):
    return struct.pack("=HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def message(kind, body, *attributes):
    content = body + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(content), kind, 0, 0, 0) + content


def write_netlink():
    def link(number, name, *more):
        return message(16, struct.pack("=BxHiII", 0, 1, number, 0x10001, 0), attribute(3, name + b"\0"), attribute(4, struct.pack("=I", 1500)),
                       attribute(1, bytes([2, 0, 0, 0, 0, number])), *more)
    n0 = link(1, b"n0")
    tag = attribute(18, attribute(1, b"vlan\0") + attribute(2, attribute(1, struct.pack("=H", 7))))
    address = message(20, struct.pack("=BBBBi", 2, 24, 0, 0, 1), attribute(1, bytes([10, 0, 0, 1])), attribute(2, bytes([10, 0, 0, 1])))
    route = struct.pack("=BBBBBBBBI", 2, 24, 0, 0, 254, 4, 0, 1, 0)
    gateway = attribute(5, bytes([10, 0, 0, 254]))
    hops = attribute(9, b"".join(struct.pack("=HBBi", 16, 0, 0, 1) + gateway for _ in range(2)))
    neighbour = struct.pack("=BxHiHBB", 2, 0, 1, 2, 0, 1)
    write("netlink", "link", n0)
    write("netlink", "tagged-link", n0 + link(2, b"n0.7", attribute(5, struct.pack("=i", 1)), tag))
    write("netlink", "address", n0 + address)
    write("netlink", "address6", n0 + message(20, struct.pack("=BBBBi", 10, 64, 0, 0, 1), attribute(1, bytes([0xFD] + [0] * 14 + [1]))))
    write("netlink", "route", n0 + message(24, route, attribute(1, bytes([10, 1, 0, 0])), attribute(4, struct.pack("=i", 1)), gateway))
    write("netlink", "multipath", n0 + message(24, route, hops))
    write("netlink", "via", n0 + message(24, route, attribute(4, struct.pack("=i", 1)), attribute(18, struct.pack("=H", 10) + bytes(16))))
    write("netlink", "neighbour", n0 + message(28, neighbour, attribute(1, bytes([10, 0, 0, 5])), attribute(2, bytes([2, 0, 0, 0, 0, 5]))))
    write("netlink", "all-gone", n0 + address + message(21, struct.pack("=BBBBi", 2, 24, 0, 0, 1), attribute(2, bytes([10, 0, 0, 1]))) + message(17, struct.pack("=BxHiII", 0, 1, 1, 0, 0)))


# Datagrams of the pair, by the keys that fuzz_sync.cpp draws: bytes that count from 1.
def write_sync():
    drawn = bytes(range(1, 75))
    cluster, seed, key_id, secret = drawn[:8], drawn[8:40], drawn[40:42], drawn[42:74]
    fingerprint = hashlib.sha256(secret).digest()[:2]

    def header(version, kind, stream, sequence=1, epoch=0):
        return struct.pack("!BBBBIQIB3x", version, kind, 1, 0, epoch, sequence, 118, stream)

    def body(name=b"lb-a", other=bytes(4), versions=(1, 1)):
        return cluster + key_id + fingerprint + other + bytes(versions) + bytes(6) + struct.pack("!QQQ", 1, 5, 1000) + bytes(range(32)) + \
            bytes([len(name)]) + name.ljust(63, b"\0")

    def proved(kind, content):
        message = header(0, kind, 255, 0) + content
        prk = hmac.digest(b"", secret, "sha256")
        return message + hmac.digest(hmac.digest(prk, b"tandem pair handshake\1", "sha256"), message, "sha256")
    ipv4 = bytes([0x12, 6, 0, 1]) + bytes(range(1, 13)) + bytes(range(24))
    ipv6 = bytes([0x21, 17, 0, 0]) + bytes([0x20, 1, 0x0D, 0xB8] + [0] * 12) * 2 + bytes([0] * 10 + [0xFF, 0xFF, 10, 0, 0, 1]) + bytes(28)
    keys = f'cluster = "{cluster.hex()}"\nhash_seed = "{seed.hex()}"\nsend = "{key_id.hex()}"\nkey.{key_id.hex()} = "{secret.hex()}"\n'
    forged = proved(11, body())[:-32] + hashlib.sha256(b"somebody else").digest()  # not a bit away from a true one, which would be answered
    write("sync", "hello", b"\1" + header(2, 1, 0) + bytes(40))
    write("sync", "update", b"\1" + header(2, 2, 64, 5) + bytes([1, 40, 1, 0]) + ipv4 + bytes(16))
    write("sync", "strange-epoch", b"\0" + header(2, 3, 255, 9, 7) + bytes(16))
    write("sync", "ready", b"\1" + header(2, 10, 255, 2) + bytes(16))
    write("sync", "init-forged", b"\0" + forged)
    write("sync", "reply-unasked", b"\0" + proved(12, body()))
    write("sync", "confirm-stale", b"\0" + proved(13, body()))
    for name, content in {"init": body(), "own-name": body(b"lb-b"), "two-keys": body(other=b"\1\2\3\4"), "later-versions": body(versions=(3, 4))}.items():
        write("sync", "mad-" + name, b"\2" + content)
    write("sync", "records", b"\3" + bytes([1, 40, 2, 0]) + ipv4 * 2 + bytes([2, 80, 1, 0]) + ipv6)
    write("sync", "records-later", b"\3" + bytes([9, 6, 2, 0]) + bytes(12) + bytes([1, 44, 1, 0]) + ipv4 + bytes(4))
    write("sync", "keys", b"\4" + keys.encode())


# What elects: hello.cpp's and vrrp_packet.cpp's layouts, plain and as frames carry them; then acks and runs of records.
def write_ha():
    def hello(head_bytes=48, more=b"", roles=(2, 1)):
        head = struct.pack("!BBBBBBHQQQQQ", 0x23, 2, len(roles), head_bytes, 5, 8, 50, 0x1234, 42, 5, 6, 7)
        lans = b"".join(struct.pack("!IB", 0x01020304 + lan, 7) for lan in range(2))
        return head + more + lans + b"".join(struct.pack("!IBBH", 0x0A0B0C0D + group, role, 3, 65535) for group, role in enumerate(roles))

    def advert(pseudo, *addresses):
        def message(check):
            return struct.pack("!BBBBHH", 0x31, 10, 254, len(addresses), 5, check) + b"".join(addresses)
        return message(checksum(pseudo + message(0)))
    source, group, vip = bytes([10, 0, 0, 1]), bytes([224, 0, 0, 18]), bytes([203, 0, 113, 10])
    source6, group6 = bytes([0xFE, 0x80] + [0] * 13 + [1]), bytes([0xFF, 2] + [0] * 13 + [0x12])
    plain, keepalived = advert(b"", vip), advert(source + group + struct.pack("!HH", 112, 12), vip)
    datagram = struct.pack("!HHHH", 18264, 18264, 8 + len(hello()), 0) + hello()
    record = bytes([0x12, 6, 0, 1]) + bytes(range(1, 13)) + bytes(range(24))
    run = bytes([1, 40, 1, 0]) + record
    write("ha", "hello", b"\0" + hello())
    write("ha", "hello-later", b"\0" + hello(52, b"more"))
    write("ha", "hello-strange-role", b"\0" + hello(roles=(2, 9)))
    write("ha", "advert-rfc", b"\1" + plain)
    write("ha", "advert-keepalived", b"\1" + keepalived)
    write("ha", "advert6", b"\2" + advert(source6 + group6 + struct.pack("!II", 24, 112), source6))
    write("ha", "frame-advert", b"\3" + eth(0x0800, ipv4(112, keepalived)))
    write("ha", "frame-hello", b"\3" + eth(0x0800, ipv4(17, datagram), b"\x81\x00\x00\x07"))
    write("ha", "frame-advert6", b"\3" + eth(0x86DD, ipv6(112, plain)))
    write("ha", "ack", b"\4" + struct.pack("!BBxxIQQ", 64, 1, 7, 100, 0xFF))
    write("ha", "stream", b"\5" + b"".join(bytes([len(run), step]) + run for step in (1, 1, 5, 253, 1)))


# Config 2, ids of two bytes, a nonce of five; servers of all ones and all twos.
def write_quic():
    form, server, rest = b"\x02\x01\x01", b"\x47\x01\x01\x09\x08\x07\x06\x05", bytes(20)
    write("quic", "short", form + b"\x43" + server + rest)
    write("quic", "long", form + b"\xc3\0\0\0\x01\x08" + server + rest)
    write("quic", "long-of-client", form + b"\xc3\0\0\0\x01\x08" + b"\xff" * 8 + rest)
    write("quic", "long-cut", form + b"\xc3\0\0\0\x01\x08" + server[:5])
    write("quic", "short-cut", form + b"\x43" + server[:5])
    write("quic", "strange-version", form + b"\x80\x0a\x1a\x2a\x3a\xff" + bytes(80))


write_parse()
write_pipeline()
write_oracle()
write_fragments()
write_quic()
write_api()
write_netlink()
write_sync()
write_ha()
