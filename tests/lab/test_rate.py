# SPDX-License-Identifier: Apache-2.0
"""`rate`, which scripts/bench e2e measures with, counts what the kernel counts and sees what fails; every system that it is held to
carries its asks; and the arithmetic between them and a goal."""
import sys
from pathlib import Path

import pytest
from tandemlab.net import Lab
from tandemlab.process import Process

ROOT = Path(__file__).resolve().parents[2]
for folder in ("tests/bench", "scripts/lib"):
    sys.path.insert(0, str(ROOT / folder))
import bench_results                        # noqa: E402  (the paths come first)
from e2e import ends, measures, systems     # noqa: E402
from e2e.rounds import Rounds               # noqa: E402


@pytest.fixture
def answering(plain_site):
    """(where a server listens, its host), on a port of this test's own."""
    host, port = plain_site.servers[0].host, 7100 + len(plain_site.lab.processes)
    at = f"{plain_site.servers[0].address(4)}:{port}"
    running = Process(host, [ends.RATE, "answers", "--tcp", at, "--udp", at], f"answers-{port}")
    ends.wait_listening(running, port)
    yield at, host
    running.stop()


def rate(site, verb: str, at: str, *words) -> dict:
    name = f"{verb}-{len(site.lab.processes)}"
    return Process(site.client, [ends.RATE, verb, "--to", at, "--warm", 0, "--seconds", 0.5, *words], name).report(20)


def accepted(host) -> int:
    """TCP connections that this host's kernel has accepted so far."""
    names, values = [line.split() for line in host.run(["cat", "/proc/net/snmp"]).stdout.splitlines() if line.startswith("Tcp:")]
    return int(values[names.index("PassiveOpens")])


def test_a_fresh_connection_for_each_ask_is_one_that_the_kernel_accepted(plain_site, answering):
    at, host = answering
    before = accepted(host)
    said = rate(plain_site, "asks", at, "--fresh", 1, "--at-once", 8)
    opened = accepted(host) - before
    assert said["failed"] == 0 and said["answered"] > 100 and said["answered"] <= opened <= said["answered"] + 8, (said, opened)


def test_connections_stay_where_none_is_to_be_fresh(plain_site, answering):
    at, host = answering
    before = accepted(host)
    said = rate(plain_site, "asks", at, "--at-once", 8, "--bytes", 100_000)
    assert accepted(host) - before == 8 and said["answered"] > 100 and said["failed"] == 0, said
    assert 0 < said["took_us"]["p50"] <= said["took_us"]["p99"] and said["cpu_us_each"] > 0, said


def test_a_pace_is_kept(plain_site, answering):
    said = rate(plain_site, "asks", answering[0], "--pace", 400, "--at-once", 64)
    assert 0.85 * 400 < said["per_second"] < 1.15 * 400 and said["late"] == 0, said


def test_where_nobody_listens_nothing_is_answered(plain_site):
    said = rate(plain_site, "asks", f"{plain_site.servers[0].address(4)}:7099")
    assert said["answered"] == said["per_second"] == said["cpu_us_each"] == 0 and said["failed"] > 0, said


def test_resets_and_lost_datagrams_are_seen(plain_site, answering):
    at, host = answering
    port = at.rpartition(":")[2]
    host.nft(f"table inet trouble {{\n chain one {{\n type filter hook input priority 0;\n"
             f" tcp dport {port} numgen random mod 100 < 5 reject with tcp reset\n udp dport {port} numgen random mod 100 < 20 drop\n }}\n}}\n")
    said, mirrored = rate(plain_site, "asks", at, "--fresh", 1), rate(plain_site, "datagrams", at)
    host.run(["nft", "flush", "ruleset"])
    assert said["failed"] > 0 and said["answered"] > 0, said
    assert mirrored["lost"] > 0 and mirrored["came_back"] > 0, mirrored


@pytest.mark.long
def test_every_system_carries_what_it_is_measured_by(binaries):
    with Lab() as lab:
        for system in systems.all_of(lab):
            system.start()
            for measure in (measures.REQUESTS, measures.CONNECTIONS, measures.STREAMS, measures.DATAGRAMS):
                if measure.fits(system):
                    values, wrong = measure.take(system, 0.2)
                    assert wrong is None and all(value > 0 for value in values.values()), (system.name, measure.name, values, wrong)
            system.end_turn()
            system.begin_turn()
            assert measures.REQUESTS.take(system, 0.1)[0]["requests/s"] > 0, f"{system.name} after it stood still"


class Pretended:
    """A system that answers so many asks a second, round by round."""

    carries_udp = False

    def __init__(self, name: str, rates: list):
        self.name, self.rates, self.turns, self.ends = name, iter(rates), [], self

    def begin_turn(self) -> None:
        self.turns.append("begun")

    def end_turn(self) -> None:
        self.turns.append("ended")

    def rate(self, *_words) -> dict:
        rate = next(self.rates)
        return {"per_second": rate, "gbit_per_second": rate, "cpu_us_each": rate, "failed": 0, "answered": rate, "took_us": {"p50": 1, "p99": 2}}


def test_ratios_are_of_one_round_and_goals_are_judged_by_their_median():
    takes = len([one for one in measures.ALL if not one.udp])
    slower = [rate for rate in (50, 100, 200) for _ in range(takes)]   # the machine's mood, round by round, is everybody's
    pair = [Pretended("nftables", [1, *slower]), Pretended("tandem", [1, *(1.1 * rate for rate in slower)])]
    taken = Rounds(pair, 1)
    taken.run(3, float("inf"))
    assert taken.ratios()["tandem", "connections/s", "nftables"] == pytest.approx([1.1] * 3)
    assert pair[0].turns == ["begun", "ended"] * (1 + 3 * takes)
    figure = bench_results.Figure("e2e", "tandem", "", "connections/s × nftables", "×", 1.1, 1.1, 1.1)
    assert [(one.goal, one.met) for one in bench_results.judge([figure])] == [("≥ 1", True)]
    figure.median = 0.99
    assert not bench_results.judge([figure])[0].met
