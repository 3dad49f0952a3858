# SPDX-License-Identifier: Apache-2.0
"""The story that scripts/demo tells: one node, two real web servers, and what happens to them."""
import contextlib
import os
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lab"))
os.environ.setdefault("TANDEM_BUILD", str(ROOT / "build" / "release"))
from tandemlab import configuration, nginx  # noqa: E402  (the path comes first)
from tandemlab.net import Lab, command  # noqa: E402
from tandemlab.process import tool, wait_until  # noqa: E402
from tandemlab.scene import services  # noqa: E402
from tandemlab.site import VIP, build_site  # noqa: E402
from tandemlab.tandem import EXPORTER, Node, metric  # noqa: E402

CHECK = {"type": "http", "path": "/healthz", "expect": "200", "interval": "200ms", "timeout": "150ms", "rise": 2, "fall": 2}
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
    def __init__(self, lab: Lab, story: Story):
        self.story = story
        self.site = build_site(lab, "nat", servers=2)
        nginx.download_file(lab.directory)
        self.web = nginx.start_all(self.site)
        self.node = Node(self.site, configuration.node(self.site, "af_packet", services(self.site, 4, check=CHECK)))
        self.node.start()
        self.node.wait_all_up("web")

    def load(self, *words) -> dict:
        return tool(self.site.client, "http_load", "--to", VIP[4], *words).report(60)

    def ctl_text(self, *words) -> str:
        argv = [self.node.programs["tandemctl"], "--socket", self.node.control, *words]
        return command(self.node.host.inside(argv), check=False).stdout

    def round_robin(self) -> None:
        self.story.chapter("1  requests through the virtual address are shared evenly")
        result = self.load("--requests", 2000, "--at-once", 20)
        shares = result["servers"]
        self.story.fact(result["failed"] == 0, f"2000 requests, each a new connection: {result['failed']} failed, in {result['seconds']:.1f} s")
        self.story.fact(max(shares.values()) - min(shares.values()) <= 12, f"the servers answered {shares}")
        logged = {server.name: sum(server.served().values()) for server in self.web}
        self.story.fact(logged == shares, f"their own logs say the same: {logged}")

    def a_server_dies(self) -> None:
        self.story.chapter("2  a server is killed with SIGKILL")
        load = tool(self.site.client, "http_load", "--to", VIP[4], "--rate", 200)
        time.sleep(0.5)
        began = time.monotonic()
        self.web[0].kill()
        self.node.wait_backend("web", "web-1", "down")
        fallen = time.monotonic() - began
        before = load.stop_and_report()
        self.story.fact(fallen < 2, f"its check fell after {fallen:.2f} s; until then {before['failed']} of {before['requests']} requests met it dead")
        after = self.load("--requests", 500)
        self.story.fact(after["failed"] == 0 and list(after["servers"]) == ["web-2"], f"since then: 500 requests, {after['failed']} failed, all answered by web-2")
        self.web[0].start()
        self.node.wait_backend("web", "web-1", "up")
        self.web[0].forget(), self.web[1].forget()
        again = self.load("--requests", 500)
        self.story.fact(again["failed"] == 0 and again["servers"].get("web-1", 0) > 200, f"started again, it takes its share: {again['servers']}")

    def a_drain(self) -> None:
        self.story.chapter("3  a server is drained while downloads are open")
        slow = [tool(self.site.client, "http_load", "--to", VIP[4], "--path", "/slow", "--download") for _ in range(4)]
        wait_until(lambda: self.node.backends("web")["web-1"]["active_connections"] > 0, "downloads are open on web-1", 5)
        argv = [self.node.programs["tandemctl"], "--socket", self.node.control, "--yes", "--reason", "kernel update", "backend", "drain", "web/web-1", "--wait", "20s"]
        drain = command(self.node.host.inside(argv), check=False)
        self.story.show(drain.stdout + drain.stderr)
        during = self.load("--requests", 200)
        downloads = [one.report(20) for one in slow]
        self.story.fact(drain.returncode == 0, "tandemctl waited until the last open connection of web-1 had finished")
        self.story.fact("web-1" not in during["servers"] and during["failed"] == 0, f"meanwhile new connections went elsewhere: {during['servers']}")
        self.story.fact(all("200" in one["status"] and one["bytes"] == 1 << 20 for one in downloads), f"all {len(downloads)} open downloads finished whole")
        self.node.ctl("--yes", "backend", "enable", "web/web-1")

    def numbers(self) -> None:
        self.story.chapter("4  what the operator and Prometheus see")
        samples = self.node.scrape()
        total = metric(samples, "tandem_backend_new_connections_total", service="web")
        listed = sum(row["new_connections_total"] for row in self.node.backends("web").values())
        self.story.fact(total == listed, f"tandem_backend_new_connections_total = {total:.0f} = tandemctl's {listed}")
        page = self.node.page()
        self.story.show("\n".join(re.findall(r"^tandem_backend_(?:new|active)_connections.*$", page, re.M)))
        self.story.show(self.ctl_text("status"))

    def look_around(self) -> None:
        inside = f"nsenter --net=/var/run/netns/{self.node.host.namespace}"
        print(f"\nThe lab stays. Look around:\n"
              f"  {self.node.programs['tandemctl']} --socket {self.node.control} status\n"
              f"  {self.node.programs['tandemctl']} --socket {self.node.control} backend list web\n"
              f"  nsenter --net=/var/run/netns/{self.site.client.namespace} curl http://{VIP[4]}/\n"
              f"  {inside} curl -s http://{EXPORTER}/metrics\nEnd it:\n  scripts/lab down")


def main() -> int:
    keep, story = "--keep" in sys.argv[1:], Story()
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab())
        demo = Demo(lab, story)
        for part in (demo.round_robin, demo.a_server_dies, demo.a_drain, demo.numbers):
            part()
        if keep:
            demo.look_around()
            lab.keep()
    seconds = time.monotonic() - story.begun
    print(f"\n{'every line held' if not story.broken else f'{len(story.broken)} lines did not hold'}, in {seconds:.0f} s")
    return 1 if story.broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
