# SPDX-License-Identifier: Apache-2.0
"""The servers' ends of tunnels: started with a scene whose forwarding method needs them."""
from .process import Process, tool


def ends(site) -> list[Process]:
    made = [tool(server.host, "decapsulator") for server in site.servers]
    for each in made:
        each.wait_out("ready")
    return made
