"""What is left of a JSON file without its pieces of the wrong shape, and where it was."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from seatwright.catalog.domain.charts.findings import OTHER_PLACE, Findings, Reading
from seatwright.catalog.domain.charts.json_pointer import decode_typed, mismatch
from seatwright.kit.errors import Problem

# What may only seem so because something is missing that could not be read.
_GUESSES = frozenset({
    "bad_category_count", "coordinate_not_finite", "empty_row", "empty_section", "empty_table",
    "lonely_companion", "no_seats", "unknown_category", "unused_category",
})  # fmt: skip
_GONE = object()


@dataclass(slots=True)
class _Pieces:
    """Problems of shape met so far, by pointers into the file."""

    found: Findings = field(default_factory=Findings)
    # list → which of its items are left; objects and lists of which a part was dropped
    left: dict[str, list[int]] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)

    def where(self, pointer: str) -> str:
        """From a pointer into what is left to the one into the file."""
        place = ""
        for step in pointer.split("/")[1:]:
            indices = self.left.get(place)
            known = indices is not None and step.isdecimal() and int(step) < len(indices)
            place += f"/{indices[int(step)]}" if known and indices else f"/{step}"
        return place

    def is_torn(self, pointer: str) -> bool:
        """Whether a part was dropped from there, or from what it is in."""
        while pointer and pointer not in self.torn:
            pointer = pointer.rpartition("/")[0]
        return bool(pointer)


def read_pieces(content: bytes, kind: Any, read: Callable[[Any], Reading]) -> Reading:
    """
    All that is wrong with a file that is not of this kind.

    That is what has the wrong shape, and what is wrong by the rules with the rest of the file as
    `read` reads it: a misspelt field in one row does not hide a seat that is twice in another.
    """
    pieces = _Pieces()
    # Typed decoding ends at its first mismatch; behind it there may be no JSON at all.
    rest = _rest(decode_typed(content, object), kind, "", pieces)
    told = pieces.found
    if rest is not _GONE:
        reading = read(msgspec.convert(rest, kind))
        for problem in _sure(reading.problems(), pieces):
            told.add(problem)
    return Reading(None, told)


def _sure(problems: Iterable[Problem], pieces: _Pieces) -> Iterator[Problem]:
    for problem in problems:
        pointer = pieces.where(problem.pointer)
        if problem.code not in _GUESSES and not pieces.is_torn(pointer):
            detail = OTHER_PLACE.sub(lambda found: pieces.where(found[0]), problem.detail)
            yield Problem(pointer, problem.code, detail)


def _rest(value: Any, kind: Any, pointer: str, pieces: _Pieces) -> Any:
    # The value without what is wrong in it, or _GONE when nothing of this kind is left.
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        for choice in get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,):
            if isinstance(value, dict) and isinstance(choice, type(msgspec.Struct)):
                return _object(value, choice, pointer, pieces)
            if isinstance(value, list) and get_args(choice)[1:] == (...,):
                return _list(value, get_args(choice)[0], pointer, pieces)
        pieces.found.add(mismatch(str(error), pointer))
        return _GONE
    return value


def _list(value: list[Any], kind: Any, pointer: str, pieces: _Pieces) -> Any:
    rest = [_rest(item, kind, f"{pointer}/{i}", pieces) for i, item in enumerate(value)]
    pieces.left[pointer] = [i for i, item in enumerate(rest) if item is not _GONE]
    if not isinstance(kind, type(msgspec.Struct)):
        pieces.torn.add(pointer)  # an outline without a corner is another outline
    return [item for item in rest if item is not _GONE]


def _object(value: dict[str, Any], kind: Any, pointer: str, pieces: _Pieces) -> Any:
    fields = {part.encode_name: part for part in msgspec.structs.fields(kind)}
    rest: dict[str, Any] = {}
    needed = []
    for name, part in fields.items():
        if name not in value and not part.required:
            continue
        inner = _member(value, part, pointer, pieces)
        if inner is not _GONE:
            rest[name] = inner
            continue
        pieces.torn.add(pointer or f"/{name}")
        needed += [part] if part.required else []
    if kind.__struct_config__.forbid_unknown_fields:
        for name in value.keys() - fields.keys():
            pieces.found.add(mismatch(f"Object contains unknown field `{name[:40]}`", pointer))
    if needed and pointer:
        return _GONE
    # The rest of a file can be read without its name or its list of categories.
    return rest | {part.encode_name: "?" if part.type is str else [] for part in needed}


def _member(value: dict[str, Any], part: Any, pointer: str, pieces: _Pieces) -> Any:
    if part.encode_name in value:
        return _rest(value[part.encode_name], part.type, f"{pointer}/{part.encode_name}", pieces)
    pieces.found.add(mismatch(f"Object missing required field `{part.encode_name}`", pointer))
    return _GONE
