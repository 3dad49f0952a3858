# SPDX-License-Identifier: Apache-2.0
"""Both nodes on a machine that compiles all the time, at the default interval: role changes nobody asked for are counted, and cost nothing."""
import time

import pytest
from tandemlab import load
from tandemlab.compiler import compiling
from tandemlab.keepalived_pair import keepalived_pair
from tandemlab.pair import pair
from test_pair_gap import OurPair

STREAMS, LASTS_S = 200, {"long": 120, "soak": 1800}
INTERVAL_S = 0.2                 # what "auto" is on cores that workers share


@pytest.mark.long
def test_a_saturated_machine_breaks_no_connection(binaries, tier, capsys):
    """keepalived runs beside, at the same interval: its take-overs are counted too."""
    with pair("l2-dsr", interval="auto", scheduler="round-robin") as duo, keepalived_pair(INTERVAL_S) as theirs:
        ours = OurPair(duo)
        streams = duo.streams(count=STREAMS, every="100ms")
        load.wait_open(streams)
        before, theirs_before = ours.takes(), theirs.takes()
        with compiling(duo.client):
            time.sleep(LASTS_S[tier])
        taken, theirs_taken = ours.takes() - before, theirs.takes() - theirs_before
        result = streams.stop_and_report(60)
        with capsys.disabled():
            print(f"\n  {LASTS_S[tier]} s of compilers: {taken} take-overs nobody asked for, {STREAMS - result['alive']} of {STREAMS} streams broke, "
                  f"longest silence {1000 * result['longest_silence_s']:.0f} ms; keepalived's take-overs {theirs_taken}")
        assert result["alive"] == STREAMS and result["lost"] == result["doubled"] == 0, f"expected no stream to break, got {result}"
        assert taken <= theirs_taken
