# SPDX-License-Identifier: Apache-2.0
"""Two nodes that both live and hear nothing of each other, on no path."""
import contextlib

from .pair import NAMES, Pair
from .process import wait_until


def _isolate(duo: Pair, word: str) -> None:
    for lan, prefix in (("outside", ""), ("inside", "eth1.")):
        for name in NAMES:
            duo.lab.lans[lan].switch.run(["bridge", "link", "set", "dev", prefix + name, "isolated", word])


@contextlib.contextmanager
def apart(duo: Pair):
    """Until the block ends; then they have met again."""
    sync = duo.lab.lans["sync"].switch
    sync.ip("link set eth2.lb-a down")
    _isolate(duo, "on")
    for name in NAMES:
        wait_until(lambda: not duo.ha(name)["peer_up"], f"{name} hears its peer no more", 5)
    yield
    sync.ip("link set eth2.lb-a up")
    _isolate(duo, "off")
    for name in NAMES:
        wait_until(lambda: duo.ha(name)["peer_up"], f"{name} hears its peer again", 5)
