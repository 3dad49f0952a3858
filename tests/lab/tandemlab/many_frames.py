# SPDX-License-Identifier: Apache-2.0
"""sendmmsg(2), which Python has not: many frames with one call, as fast as a machine can make them."""
import ctypes
import os
import socket

LIBC = ctypes.CDLL(None, use_errno=True)
SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("bytes", ctypes.c_size_t)]


class Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("name_bytes", ctypes.c_uint32), ("vector", ctypes.POINTER(Vector)), ("vectors", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_bytes", ctypes.c_size_t), ("flags", ctypes.c_int)]


class Message(ctypes.Structure):
    _fields_ = [("header", Header), ("sent", ctypes.c_uint)]


class ManyFrames:
    """The same frames again and again, from wherever the last call stopped."""

    def __init__(self, out: socket.socket, frames: list[bytes], at_once: int = 256):
        self.out, self.at_once, self.next = out, at_once, 0
        self.kept = [ctypes.create_string_buffer(frame, len(frame)) for frame in frames]
        self.vectors = (Vector * len(frames))(*[Vector(ctypes.addressof(one), len(one)) for one in self.kept])
        self.messages = (Message * len(frames))()
        for message, vector in zip(self.messages, self.vectors):
            message.header.vector, message.header.vectors = ctypes.pointer(vector), 1
        if out.family == socket.AF_PACKET:
            out.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)

    def send(self) -> int:
        """How many went; 0: the device has no room at the moment."""
        first = ctypes.byref(self.messages, self.next * ctypes.sizeof(Message))
        went = LIBC.sendmmsg(self.out.fileno(), first, min(self.at_once, len(self.messages) - self.next), 0)
        if went < 0:
            error = ctypes.get_errno()
            if error in (11, 105):  # EAGAIN, ENOBUFS
                return 0
            raise OSError(error, os.strerror(error))
        self.next = (self.next + went) % len(self.messages)
        return went
