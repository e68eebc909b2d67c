"""The failures a caller may expect, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class Expected(Exception):  # noqa: N818  # an outcome, not a fault
    """
    A refusal the caller is meant to handle.

    The edge turns each kind into one HTTP status; the `code` travels unchanged between
    services. Anything that is not `Expected` is a bug, and pages someone.

    `facts` are JSON-ready values that stand beside the code in the answer.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Refused"

    def __init__(self, detail: str = "", *, code: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, Any] = facts
        if code is not None:
            self.code = code  # type: ignore[misc]  # one instance may be more precise


class NotFound(Expected):
    """The thing asked for is not there, or not yours to see."""

    code = "not_found"
    title = "Not found"


class Conflict(Expected):
    """The request was well formed, and lost to the present state of the world."""

    code = "conflict"
    title = "Conflict"


class Gone(Expected):
    """What was asked for has ended and will not come back."""

    code = "gone"
    title = "Gone"


class Unauthenticated(Expected):
    """Nobody we know is asking."""

    code = "unauthenticated"
    title = "Log in first"


class Forbidden(Expected):
    """We know who asks, and they may not."""

    code = "forbidden"
    title = "Not allowed"


class Stale(Expected):
    """The caller edited a version that is no longer the newest."""

    code = "stale"
    title = "Changed meanwhile"


class TooMany(Expected):
    """A limit was reached; `retry_after_s` among the facts says when to ask again."""

    code = "too_many_requests"
    title = "Too many requests"


class TooLarge(Expected):
    """More bytes than are read from anybody."""

    code = "too_large"
    title = "Too large"


class Unavailable(Expected):
    """A dependency did not answer in time; for writes, nothing was done."""

    code = "unavailable"
    title = "Temporarily unavailable"


class Unknown(Expected):
    """
    A write was sent and its outcome is not known.

    Asking again with the same idempotency key gives the answer.
    """

    code = "outcome_unknown"
    title = "Outcome not known yet"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: a JSON pointer or `line N`, a code, and words."""

    pointer: str
    code: str
    detail: str


class Invalid(Expected):
    """The input breaks a stated rule; every problem found is named, up to a limit."""

    code = "invalid"
    title = "Invalid input"

    def __init__(self, problems: tuple[Problem, ...] = (), *, detail: str = "") -> None:
        text = detail or "; ".join(f"{p.pointer}: {p.detail}" for p in problems[:3])
        super().__init__(text or "The input is not valid.")
        self.problems = problems


def invalid(pointer: str, code: str, detail: str) -> Invalid:
    """One problem, ready to raise."""
    return Invalid((Problem(pointer, code, detail),))
