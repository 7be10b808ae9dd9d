"""What the supervisor sees of the desk it watches: a beat, whether it is ready, and which plugin is being called.

A few bytes of shared memory, so that they can still be read when the desk is dead. Standard library only.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading

SIZE = 256
HEAD = struct.Struct("<Q?")  # how often it beat; ready
NAME = struct.Struct("<199p")


class Heartbeat:
    """The supervisor makes one and hands its file descriptor to the desk, which opens it."""

    def __init__(self, descriptor: int | None = None):
        self.descriptor = os.memfd_create("watch") if descriptor is None else descriptor
        if descriptor is None:
            os.ftruncate(self.descriptor, SIZE)
        self._memory = mmap.mmap(self.descriptor, SIZE)
        self._inside: list[tuple[int, str]] = []

    # The supervisor's side ---------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Clear what an earlier process wrote."""
        self._memory[:] = bytes(SIZE)

    @property
    def beats(self) -> int:
        """How often it beat; a number that stands still is a desk that does."""
        return HEAD.unpack_from(self._memory)[0]

    @property
    def ready(self) -> bool:
        """True from the moment the desk answered requests."""
        return HEAD.unpack_from(self._memory)[1]

    @property
    def calling(self) -> str:
        """The plugin whose hook was called last and has not returned, or nothing."""
        return NAME.unpack_from(self._memory, HEAD.size)[0].decode(errors="replace")

    # The desk's side ---------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Still alive."""
        HEAD.pack_into(self._memory, 0, self.beats + 1, self.ready)

    def be_ready(self) -> None:
        """Requests are answered from now on."""
        HEAD.pack_into(self._memory, 0, self.beats, True)

    def call(self, plugin: str) -> None:
        """A hook of this plugin begins in this thread or greenlet; with an empty name the last one begun here has
        returned.
        """
        me = threading.get_ident()
        if plugin:
            self._inside.append((me, plugin))
        else:
            mine = [index for index, (thread, _name) in enumerate(self._inside) if thread == me]
            if mine:
                del self._inside[mine[-1]]
        name = self._inside[-1][1] if self._inside else ""
        NAME.pack_into(self._memory, HEAD.size, name.encode()[:198])
