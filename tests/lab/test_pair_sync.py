# SPDX-License-Identifier: Apache-2.0
"""State sync finds another way when its own link is down. (What it is for: test_pair_kills.py.)"""
import time

from tandemlab import load
from tandemlab.pair import pair
from tandemlab.process import wait_until


def test_while_the_sync_link_is_down_the_lan_carries_the_connections(binaries):
    with pair("l2-dsr", scheduler="round-robin") as duo:
        duo.lab.lans["sync"].switch.ip("link set eth2.lb-a down")
        wait_until(lambda: not any(path["up"] for path in duo.ha("lb-a")["paths"] if path["name"] == "sync"), "the sync link is silent", 5)
        streams = duo.streams()
        load.wait_open(streams)
        time.sleep(0.5)
        duo.kill("lb-a")
        duo.wait_serving({"blue": "lb-b", "green": "lb-b"}, 5)
        time.sleep(1)
        result = streams.stop_and_report(30)
        assert result["alive"] == result["streams"] and result["lost"] == result["doubled"] == 0, f"expected all streams to live, got {result}"
