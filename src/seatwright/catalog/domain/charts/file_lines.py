"""On which line of a chart file something is that was found wrong after it was read."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]  # absent from the stubs
from typing import Any

from seatwright.catalog.domain.charts.draft import ChartDraft, DraftSeat
from seatwright.kit.errors import Problem

_REST = "more_problems"  # the last of many, which counts those not shown
_SPACE = re.compile(r"[ \t\n\r,:]*")
_DECODER = json.JSONDecoder()
_PLACE = re.compile(r"/(?P<list>sections|categories)/(?P<index>\d+)(?:/rows/(?P<row>\d+))?")


def lines_of(text: str, pointers: Iterable[str]) -> dict[str, int]:
    """
    The lines, from 1, of what JSON pointers name in a well-formed text, in one walk through it.

    Where a step is not there (a missing field, an index nobody knows) it is the line of what
    should have it.
    """
    sought: dict[str, Any] = {}
    for pointer in pointers:
        inner = sought
        for step in pointer.split("/")[1:]:
            inner = inner.setdefault(step, {})
    found: dict[str, int] = {}
    _walk(text, _skip(text, 0), "", sought, found)
    return {pointer: _line(text, pointer, found) for pointer in pointers}


def in_lines(text: str, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Problems by the lines of the JSON text that their pointers name."""
    if not problems:
        return ()
    try:
        lines = lines_of(text, {problem.pointer for problem in problems})
    except (ValueError, IndexError, RecursionError):  # hardly JSON: no line is known
        return tuple(problems)
    ordered = sorted(problems, key=lambda one: (one.code == _REST, lines[one.pointer]))
    return tuple(ordered)


def _walk(text: str, at: int, pointer: str, sought: dict[str, Any], found: dict[str, int]) -> None:
    found[pointer] = at
    left = len(sought)
    values = _values(text, at) if sought else iter(())
    for name, begin in values:
        if name not in sought or f"{pointer}/{name}" in found:
            continue
        _walk(text, begin, f"{pointer}/{name}", sought[name], found)
        left -= 1
        if not left:
            return


def _line(text: str, pointer: str, found: dict[str, int]) -> int:
    while pointer not in found:
        pointer = pointer.rpartition("/")[0]
    return text.count("\n", 0, found[pointer]) + 1


def _values(text: str, at: int) -> Iterator[tuple[str, int]]:
    kind = text[at]
    if kind not in "{[":
        return
    at, index = _skip(text, at + 1), 0
    while text[at] not in "}]":
        name = str(index)
        if kind == "{":
            name, at = scanstring(text, at + 1)
            at = _skip(text, at)
        yield name, at
        at, index = _skip(text, _DECODER.raw_decode(text, at)[1]), index + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def line_in(draft: ChartDraft, pointer: str) -> str:
    """Where a spreadsheet's draft has something: the line that first says it."""
    found = _PLACE.match(pointer)
    seat = None if found is None else _first(draft, found)
    return pointer if seat is None or not seat.line else f"line {seat.line}"


def _first(draft: ChartDraft, place: re.Match[str]) -> DraftSeat | None:
    index = int(place["index"])
    seats: Any
    if place["list"] == "categories":
        key = draft.categories[index].key
        rows = (row for section in draft.sections for row in section.rows)
        seats = (seat for row in rows for seat in row.seats if seat.category == key)
    else:
        section = draft.sections[index]
        seats = section.rows[int(place["row"] or 0)].seats
    return next(iter(seats), None)
