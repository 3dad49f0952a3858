# SPDX-License-Identifier: Apache-2.0
"""Tiers, the check for the programs under test, and a look around at the end: nothing may be left behind.

Tests without a mark are the default tier; `@pytest.mark.long` and `@pytest.mark.soak` come in with `--tier long|soak`
(or TANDEM_TIER). A test of a higher tier is deselected, never skipped: a skip counts as a failure. The soak tier runs again only what
grows with it: tests that ask for their tier's counts, and its own. What would be the same was seen in `long`.
"""
import contextlib
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tandemlab import registry, tandem            # noqa: E402
from tandemlab import scene as scenes             # noqa: E402
from tandemlab.desk import desk as a_desk     # noqa: E402
from tandemlab.net import LIVE, Lab           # noqa: E402
from tandemlab.site import build_site             # noqa: E402

TIERS = ["default", "long", "soak"]


def pytest_addoption(parser):
    parser.addoption("--tier", choices=TIERS, default=os.environ.get("TANDEM_TIER", "default"))


def pytest_configure(config):
    config.addinivalue_line("markers", "pair: of two nodes that cover for each other (`scripts/test pair`)")
    for tier in TIERS[1:]:
        config.addinivalue_line("markers", f"{tier}: runs in the {tier} tier and above")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if item.path.name.startswith("test_pair"):
            item.add_marker("pair")
    highest = TIERS.index(config.getoption("--tier"))

    def tier_of(item) -> int:
        return max([TIERS.index(mark.name) for mark in item.iter_markers() if mark.name in TIERS], default=0)

    def is_wanted(item) -> bool:
        grows = "tier" in item.fixturenames or tier_of(item) == TIERS.index("soak")
        return tier_of(item) <= highest and (grows or TIERS[highest] != "soak")
    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = [item for item in items if is_wanted(item)]


@pytest.fixture(scope="session")
def tier(request) -> str:
    return request.config.getoption("--tier")


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind():
    if os.geteuid() != 0:
        pytest.exit("the lab makes network namespaces: run it as root", returncode=2)
    yield
    left = [lab.name for lab in registry.all_labs() if lab.name.split(".")[0] == str(os.getpid())]
    spaces = [name for name in os.listdir(registry.NETNS) if name.startswith(f"tdm-{os.getpid()}")] if registry.NETNS.exists() else []
    assert not left and not spaces, f"expected nothing left behind by this run, found labs {left} and namespaces {spaces}"


@pytest.fixture(scope="session")
def binaries() -> dict:
    """The one place that says so when the programs under test are not there."""
    found = tandem.programs()
    missing = [name for name in tandem.PROGRAMS if name not in found]
    if missing:
        pytest.skip(f"NOT TESTED: {', '.join(missing)} not built below {tandem.build_directory()} (TANDEM_BUILD names another place)")
    return found


@pytest.fixture
def desk(binaries):
    with a_desk() as folder:
        yield folder


@pytest.fixture(autouse=True)
def buffers_come_back():
    """After every test, at nodes that later tests share; a lab's own end looks at the others."""
    yield
    for each in LIVE:
        each.look()


@pytest.fixture
def lab():
    with Lab() as made:
        yield made


@pytest.fixture(scope="module")
def plain_site():
    """A site without a node program: the client reaches the servers straight. Shared by the tests of one file."""
    with Lab() as made:
        yield build_site(made, "l2-dsr")


@pytest.fixture
def scene(binaries):
    """`scene(forwarding, driver, family, …)`: a site with servers and a running node. See tandemlab/scene.py."""
    with contextlib.ExitStack() as stack:
        yield lambda *words, **more: stack.enter_context(scenes.scene(*words, **more))
