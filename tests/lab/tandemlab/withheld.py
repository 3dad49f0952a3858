# SPDX-License-Identifier: Apache-2.0
"""The sync link carries hellos and acknowledgements, and of connections not a word: a switch's filter looks at the type in clear."""
import contextlib

UDP_PORT, UPDATE = 18264, 2


@contextlib.contextmanager
def connections_untold(duo):
    switch = duo.lab.lans["sync"].switch
    switch.nft("table bridge withheld {\n chain updates {\n type filter hook forward priority 0;\n"
               f" udp dport {UDP_PORT} @th,72,8 {UPDATE} counter drop\n }}\n}}\n")
    try:
        yield
    finally:
        switch.run(["nft", "delete", "table", "bridge", "withheld"])
