# SPDX-License-Identifier: Apache-2.0
"""Counts from different witnesses laid beside each other: they must be equal, and the balance must come out."""
import collections

from .process import wait_until
from .tandem import metric

IN_TERMS, OUT_TERMS = ("rx", "injected", "originated"), ("tx", "consumed", "punted", "dropped", "held")


def client_equals_servers(load: dict, servers: list, client: str | None = None) -> dict[str, int]:
    """Every request the client counted is one line, with that client port, in the log of the server that it names,
    and no server has any other. Returns requests by server."""
    for one in servers:
        asked = collections.Counter(load["ports"].get(one.name, []))
        served = one.served(client)
        missing, extra = asked - served, served - asked
        assert not missing and not extra, (f"expected {one.name}'s log to hold the client's {asked.total()} requests; it lacks "
                                           f"{missing.total()} and has {extra.total()} others: {list(missing)[:5]} {list(extra)[:5]}")
    return {one.name: len(one.log()) for one in servers}


def three_equal(load: dict, servers: list, node, service: str, before: dict | None = None) -> dict[str, int]:
    """Server logs = client = metrics = CLI. `before` is the same node's `new_connections` from before the load."""
    logged = client_equals_servers(load, servers)
    total_before = before or {name: 0 for name in logged}

    def witnesses() -> dict:
        metrics, cli = new_connections(node, service), cli_connections(node, service)
        return {name: (metrics[name] - total_before[name], cli[name] - total_before[name]) for name in logged}

    def agree():
        return all(pair == (logged[name], logged[name]) for name, pair in witnesses().items())
    try:
        wait_until(agree, "equal numbers", 3, every_s=0.2)
    except AssertionError:
        raise AssertionError(f"expected equal numbers of new connections of {service}: servers' logs {logged}, "
                             f"(metrics, CLI) {witnesses()}") from None
    return logged


def new_connections(node, service: str) -> dict[str, int]:
    samples = node.scrape()
    return {server.name: int(metric(samples, "tandem_backend_new_connections_total", service=service, backend=server.name))
            for server in node.site.servers}


def cli_connections(node, service: str) -> dict[str, int]:
    return {name: int(row["new_connections_total"]) for name, row in node.backends(service).items()}


def total(term) -> int:
    """A term of the balance: a number, or numbers by class or reason."""
    return sum(int(value) for value in term.values()) if isinstance(term, dict) else int(term)


def imbalance(data: dict) -> int:
    return sum(total(data[term]) for term in IN_TERMS) - sum(total(data[term]) for term in OUT_TERMS)


def balance(node, seconds: float = 3) -> dict:
    """rx + injected + originated = tx + consumed + punted + dropped + held. Read again for a while, since packets come
    between the reading of two terms as long as there is traffic."""
    last = {}

    def holds():
        last.clear()
        last.update(node.ctl("drops")["balance"])
        return imbalance(last) == 0
    try:
        wait_until(holds, "the balance", seconds, every_s=0.1)
    except AssertionError:
        raise AssertionError(f"expected rx + injected + originated = tx + consumed + punted + dropped + held; "
                             f"off by {imbalance(last)}: {last}") from None
    return dict(last)


def spread(by_server: dict[str, int]) -> int:
    return max(by_server.values()) - min(by_server.values())


def trouble_share(trouble: dict[str, int]) -> float:
    """Retransmissions and resets in percent of the segments sent."""
    return 100 * (trouble["retransmitted"] + trouble["resets"]) / max(1, trouble["segments"])
