# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and SIGTERM become one exception, raised only where half-made things can be undone.

While a section runs under `deferred()` a signal waits: between starting a process and writing its number down,
and during the clean-up itself.
"""
import contextlib
import signal
import threading

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal asked this run to end. A KeyboardInterrupt, so that pytest ends the session instead of one test."""

    def __init__(self, number: int):
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.number = number


_users = 0
_depth = 0
_pending = None
_before = {}


def _on_signal(number, _frame):
    global _pending
    if _depth:
        _pending = number
    else:
        raise Interrupted(number)


def install() -> None:
    """Takes the signals over until as many `uninstall()` calls have come. Off the main thread nothing happens."""
    global _users
    if threading.current_thread() is not threading.main_thread():
        return
    _users += 1
    if _users == 1:
        for number in CAUGHT:
            _before[number] = signal.signal(number, _on_signal)


def uninstall() -> None:
    global _users
    if threading.current_thread() is not threading.main_thread() or _users == 0:
        return
    _users -= 1
    if _users == 0:
        for number, handler in _before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def deferred():
    global _depth, _pending
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        if _depth == 0 and _pending is not None:
            number, _pending = _pending, None
            raise Interrupted(number)
