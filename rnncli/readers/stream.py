"""A stream of bytes that are made as they are asked for."""

import io
from typing import Any


class Stream(io.RawIOBase):
    """What `more` gives, from the stream `raw`, whose file it is of."""

    raw: Any

    def readable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """Of the file."""
        return self.raw.fileno()

    def readinto(self, buffer: Any) -> int:
        """The next bytes; 0 at the end."""
        data = self.more(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def more(self, most: int) -> bytes:
        """Up to so many bytes, as soon as there are some; none at the end."""
        return self.raw.read1(most)
