# SPDX-License-Identifier: Apache-2.0
"""The story that scripts/demo tells: two nodes, two groups, three real web servers, and what happens to them."""
import contextlib
import os
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lab"))
os.environ.setdefault("TANDEM_BUILD", str(ROOT / "build" / "release"))
from tandemlab import nginx  # noqa: E402  (the path comes first)
from tandemlab.net import command  # noqa: E402
from tandemlab.pair import GROUPS, Pair, gaps_after, pair  # noqa: E402
from tandemlab.tandem import EXPORTER, metric  # noqa: E402

CHECK = {"type": "http", "path": "/healthz", "expect": "200", "interval": "200ms", "timeout": "150ms", "rise": 2, "fall": 2}
STREAMS = 100
BOLD, GREEN, RED, PLAIN = ("\033[1m", "\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("", "", "", "")


class Story:
    """Prints one line a fact, and remembers whether all of them held."""

    def __init__(self):
        self.begun, self.broken = time.monotonic(), []

    def chapter(self, title: str) -> None:
        print(f"\n{BOLD}{title}{PLAIN}", flush=True)

    def fact(self, holds: bool, text: str) -> None:
        print(f"  {GREEN}held{PLAIN}   {text}" if holds else f"  {RED}BROKEN{PLAIN} {text}", flush=True)
        if not holds:
            self.broken.append(text)

    def show(self, text: str) -> None:
        print("\n".join(f"    {line}" for line in text.rstrip().splitlines()), flush=True)


class Demo:
    def __init__(self, duo: Pair, story: Story):
        self.duo, self.story = duo, story

    def load(self, group: str, *words) -> dict:
        return self.duo.load(group, *words)

    def ctl_text(self, name: str, *words) -> str:
        node = self.duo[name]
        argv = [node.programs["tandemctl"], "--socket", node.control, *words]
        done = command(node.host.inside(argv), check=False)
        return done.stdout + done.stderr

    def both_serve(self) -> None:
        self.story.chapter("1  two nodes share the traffic: each serves one group of addresses")
        self.story.show(self.ctl_text("lb-a", "ha", "status"))
        for group, name in GROUPS.items():
            result = self.load(group, "--requests", 1000, "--at-once", 20)
            shares = result["servers"]
            self.story.fact(result["failed"] == 0, f"{group} at {name}: 1000 requests, each a new connection, {result['failed']} failed")
            self.story.fact(max(shares.values()) - min(shares.values()) <= 12, f"the servers answered {shares}")

    def a_server_dies(self) -> None:
        self.story.chapter("2  a server is killed with SIGKILL")
        web, began = self.duo.web[0], time.monotonic()
        web.kill()
        for group, name in GROUPS.items():
            self.duo[name].wait_backend(f"web-{group}", "web-1", "down")
        fallen = time.monotonic() - began
        after = self.load("blue", "--requests", 300)
        self.story.fact(fallen < 2, f"its checks fell on both nodes within {fallen:.2f} s")
        self.story.fact(after["failed"] == 0 and "web-1" not in after["servers"], f"since then: 300 requests, {after['failed']} failed, answered by {after['servers']}")
        web.start()
        for group, name in GROUPS.items():
            self.duo[name].wait_backend(f"web-{group}", "web-1", "up")

    def a_node_dies(self) -> None:
        self.story.chapter("3  a balancer is killed with SIGKILL, in the middle of everything")
        streams = {group: self.duo.streams(group, count=STREAMS, every="100ms") for group in GROUPS}
        downloads = {group: [self.duo.start_load(group, "--path", "/slow", "--download") for _ in range(3)] for group in GROUPS}
        probe = self.duo.probe()
        time.sleep(1.5)
        moment = time.monotonic()
        self.duo.kill("lb-a")
        self.duo.wait_serving({group: "lb-b" for group in GROUPS}, 5)
        requests = {group: self.load(group, "--requests", 300) for group in GROUPS}
        whole = [one.report(30) for group in GROUPS for one in downloads[group]]
        results = {group: process.stop_and_report(30) for group, process in streams.items()}
        seen = probe.stop_and_report()
        gaps = [round(max(gaps_after(seen, way, moment), default=0) * 1000) for way in range(len(GROUPS))]
        broken = sum(STREAMS - result["alive"] for result in results.values())
        self.story.fact(all(gap < 1000 for gap in gaps), f"the gap was {max(gaps)} ms, and {broken} of {2 * STREAMS} open connections broke")
        self.story.fact(broken == 0 and all(r["lost"] == r["doubled"] == 0 for r in results.values()),
                        "every connection went on where it was, no byte lost or doubled")
        self.story.fact(all("200" in one["status"] and one["bytes"] == 1 << 20 for one in whole), f"all {len(whole)} downloads ended intact")
        self.story.fact(all(r["failed"] == 0 for r in requests.values()), "new requests to both groups go on: 600, 0 failed")
        self.story.show(self.ctl_text("lb-b", "ha", "history"))

    def it_returns(self) -> None:
        self.story.chapter("4  it comes back, learns every connection, and takes its group back")
        flows = {group: self.duo.datagrams(group, rate=1000) for group in GROUPS}
        streams = {group: self.duo.streams(group, count=STREAMS, every="100ms") for group in GROUPS}
        time.sleep(1)
        self.duo["lb-a"].start_daemon()
        self.duo.wait_settled()
        time.sleep(0.5)
        results = {group: process.stop_and_report(30) for group, process in streams.items()}
        counted = {group: process.stop_and_report(30) for group, process in flows.items()}
        sync = self.duo["lb-b"].ctl("sync", "status")["sync"]
        self.story.fact(sync["walked_records"] > 0, f"lb-b told it {sync['walked_records']} connections in {sync['walk_seconds'] * 1000:.0f} ms")
        self.story.fact(all(one["lost"] == 0 and one["doubled"] == 0 for one in counted.values()),
                        f"blue went back without a lost or doubled datagram: {sum(one['received'] for one in counted.values())} of {sum(one['sent'] for one in counted.values())}")
        self.story.fact(all(one["alive"] == STREAMS for one in results.values()), f"and none of {2 * STREAMS} connections broke")

    def numbers(self) -> None:
        self.story.chapter("5  what the operator and Prometheus see")
        for group, name in GROUPS.items():
            self.load(group, "--requests", 300)
            samples = self.duo[name].scrape()
            total = metric(samples, "tandem_backend_new_connections_total", service=f"web-{group}")
            listed = sum(row["new_connections_total"] for row in self.duo[name].backends(f"web-{group}").values())
            self.story.fact(total == listed > 0, f"{name}: tandem_backend_new_connections_total of {group} = {total:.0f} = tandemctl's {listed}")
        self.story.show("\n".join(re.findall(r"^tandem_ha_(?:group_active|last_takeover_duration).*$|^tandem_ha_transitions_total.* [1-9]\d*$", self.duo["lb-b"].page(), re.M)))
        self.story.show(self.ctl_text("lb-b", "sync", "status"))

    def look_around(self) -> None:
        node = self.duo["lb-a"]
        inside = f"nsenter --net=/var/run/netns/{node.host.namespace}"
        print(f"\nThe lab stays. Look around:\n"
              f"  {node.programs['tandemctl']} --socket {node.control} ha status\n"
              f"  {node.programs['tandemctl']} --socket {node.control} ha failover blue\n"
              f"  nsenter --net=/var/run/netns/{self.duo.client.namespace} curl http://{self.duo.vip('blue')}/\n"
              f"  {inside} curl -s http://{EXPORTER}/metrics\nEnd it:\n  scripts/lab down")


def main() -> int:
    keep, story = "--keep" in sys.argv[1:], Story()
    with contextlib.ExitStack() as stack:
        duo = stack.enter_context(pair("nat", "af_packet", check=CHECK))
        nginx.download_file(duo.lab.directory)
        demo = Demo(duo, story)
        for part in (demo.both_serve, demo.a_server_dies, demo.a_node_dies, demo.it_returns, demo.numbers):
            part()
        if keep:
            demo.look_around()
            duo.lab.keep()
    seconds = time.monotonic() - story.begun
    print(f"\n{'every line held' if not story.broken else f'{len(story.broken)} lines did not hold'}, in {seconds:.0f} s")
    return 1 if story.broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
