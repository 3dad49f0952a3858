# SPDX-License-Identifier: Apache-2.0
"""Every command against a living node, in every form of output, and what an operator does with them."""
import copy
import time

import pytest

from tandemlab import configuration
from tandemlab.net import command
from tandemlab.process import wait_until
from tandemlab.scene import scene

FORMS = ("table", "wide", "plain", "json")
QUESTIONS = ("status", "events", "warnings", "drops", "service list", "service show web", "backend list", "backend list web",
             "backend show web/web-1", "check list", "check run web/web-1", "conn list", "conn list service=web", "conn count",
             "conn count --group-by backend", "port list", "port list --stats", "worker list", "overlay list", "deny list", "allow list", "config history", "version")
WRONG = {"backend show web/web-9": (4, "web-1"), "backend list wab": (4, "web"), "backend dran web/web-1": (2, "drain"), "conn list colour=red": (2, "colour")}


@pytest.fixture(scope="module")
def served(binaries):
    with scene("nat", "af_packet", 4) as made:
        assert made.load("--requests", 100)["failed"] == 0
        yield made


def ask(made, words: str, *options):
    argv = [made.node.programs["tandemctl"], "--socket", made.node.control, *options, *words.split()]
    return command(made.node.host.inside(argv), check=False)


@pytest.mark.parametrize("words", QUESTIONS)
def test_every_question_has_an_answer_in_every_form(served, words):
    for form in FORMS:
        done = ask(served, words, "-o", form)
        assert done.returncode == 0, f"expected exit 0 of `{words} -o {form}`, got {done}"
        assert done.stdout.strip() or words == "warnings", f"expected `{words} -o {form}` to say something"


@pytest.mark.parametrize("words", WRONG)
def test_a_mistake_is_named_with_what_was_meant(served, words):
    code, hint = WRONG[words]
    done = ask(served, words)
    assert done.returncode == code and hint in done.stderr, f"expected exit {code} and a hint at '{hint}', got {done}"
    assert done.stdout == "", f"expected nothing on stdout, got {done.stdout}"


def test_weight_disable_enable_move_new_connections(served):
    node = served.node
    for change, shares in (("backend weight web/web-1 3", (75, 25)), ("backend disable web/web-2 --yes", (100, 0)),
                           ("backend enable web/web-2", (75, 25)), ("backend weight web/web-1 1", (50, 50))):
        done = ask(served, change, "--reason", "a test")
        assert done.returncode == 0, f"expected `{change}` to succeed, got {done}"
        before = served.started("web")
        assert served.load("--requests", 100)["failed"] == 0
        got = tuple(count - before[name] for name, count in sorted(served.started("web").items()))
        assert all(abs(one - wanted) <= 6 for one, wanted in zip(got, shares)), f"after `{change}` expected about {shares}, got {got}"
    said = node.ctl("events")
    assert any(event["reason"] == "a test" and event["user"] == "root" for event in said), f"expected the reason and the user in the events: {said}"


def apply_for_two_seconds(made) -> str:
    """A changed weight that must be confirmed; returns the hash of the configuration before."""
    before = made.node.ctl("status")["config_hash"]
    document = copy.deepcopy(made.node.document)
    document["service"][0]["backend"][0]["weight"] = 7
    path = made.node.directory / "trial.toml"
    configuration.write(document, path)
    assert "weight" in ask(made, f"config diff {path}").stdout
    assert ask(made, f"config apply {path} --confirm 2s --yes").returncode == 0
    return before


def test_an_unconfirmed_configuration_goes_back_by_itself(served):
    node, before = served.node, apply_for_two_seconds(served)
    assert node.ctl("status")["config_hash"] != before
    wait_until(lambda: node.ctl("status")["config_hash"] == before, "the old configuration is back when nobody confirmed", 6, every_s=0.2)


def test_a_kept_configuration_is_one_that_was_confirmed(served):
    """The control of the one above, and the way back by hand."""
    node, before = served.node, apply_for_two_seconds(served)
    assert ask(served, "config confirm").returncode == 0
    time.sleep(2.5)
    assert node.ctl("status")["config_hash"] != before
    assert ask(served, "config rollback --yes").returncode == 0
    assert node.ctl("status")["config_hash"] == before
