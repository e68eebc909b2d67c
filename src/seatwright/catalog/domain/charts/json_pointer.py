"""Typed decoding of JSON whose complaints say where."""

import re
from typing import TypeVar

import msgspec

from seatwright.kit.errors import Invalid, Problem, invalid

T = TypeVar("T")
_PATH = re.compile(r" - at `(key in )?\$(?P<path>[^`]*)`$")
# Text that is no JSON at all has no paths, but a place.
_BROKEN = re.compile(r" \(byte (?P<byte>\d+)\)$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def decode_typed(content: bytes, kind: type[T]) -> T:
    """The JSON as a value of `kind`; Invalid with a JSON pointer, or the line, when it is not."""
    try:
        return msgspec.json.decode(content, type=kind)
    except RecursionError as error:
        raise invalid("", "malformed", "Brackets are nested too deeply.") from error
    except msgspec.MsgspecError as error:
        raise _refusal(str(error), content) from error


def mismatch(message: str, pointer: str) -> Problem:
    """What msgspec says about a value at a pointer, as a problem there or inside of it."""
    found = _PATH.search(message)
    if found is None:
        return Problem(pointer, "malformed", f"{message}.")
    steps = (name or index for name, index in _STEP.findall(found["path"]))
    inner = "".join(f"/{step}" for step in steps)
    return Problem(f"{pointer}{inner}", "malformed", f"{message[: found.start()]}.")


def _refusal(message: str, content: bytes) -> Invalid:
    if broken := _BROKEN.search(message):
        line = content.count(b"\n", 0, int(broken["byte"])) + 1
        return invalid(f"line {line}", "malformed", f"{message[: broken.start()]}.")
    return Invalid((mismatch(message, ""),))
