"""What delivery needs of the outside that an installation may have or not."""

from typing import Protocol


class Texts(Protocol):
    """The way out for text messages."""

    async def send(self, *, to: str, text: str) -> None:
        """
        Hand one message over, to an E.164 number.

        Raises `NotSent` when it certainly did not leave, `SendingInDoubt` when nobody knows.
        """
        ...

    @property
    def on(self) -> bool:
        """Whether there is a way out at all; asked before any work is spent on a message."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...
