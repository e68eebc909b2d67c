"""
Seats from a spreadsheet: `section,row,seat,x,y,category,attributes`, one line a seat.

Comma, semicolon or TAB; quotes; any order of columns; `x`, `y` (centimetres) and `attributes`
may be missing. What a spreadsheet may have damaged is refused by line, never guessed.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import nan

from seatwright.catalog.domain.charts.draft import (
    FLAG_OF_ATTRIBUTE,
    PALETTE,
    ChartDraft,
    DraftCategory,
    DraftRow,
    DraftSeat,
    DraftSection,
)
from seatwright.catalog.domain.charts.file_lines import line_in
from seatwright.catalog.domain.charts.findings import Findings, Reading
from seatwright.catalog.domain.charts.labels import mangled
from seatwright.catalog.domain.charts.spreading import spread_out
from seatwright.catalog.domain.charts.validation import PROBLEMS_MAX, too_many_seats
from seatwright.contracts.charts import PLACES_PER_CHART_MAX, SeatFlag
from seatwright.kit.errors import Problem, invalid

COLUMNS = ("section", "row", "seat", "x", "y", "category", "attributes")
REQUIRED = frozenset({"section", "row", "seat", "category"})
CELL_CHARACTERS_MAX = 200
_NAMES = frozenset({"section", "row", "seat"})
_PLACE = frozenset({"x", "y"})
_SOME_CATEGORY = "?"  # of a seat whose category cannot be read
_DELIMITERS = (",", ";", "\t")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets execute when they open a file
_COORDINATE = re.compile(r"-?\d{1,7}(?:[.,]\d{1,6})?")
_SEPARATORS = re.compile(r"[|;,\s]+")

Cells = Mapping[str, str]


@dataclass(slots=True)
class _Sheet:
    """Seats in the order of their lines, and what cannot be known of them."""

    seats: list[tuple[str, str, DraftSeat]] = field(default_factory=list)
    placed: list[int] = field(default_factory=list)  # lines with coordinates
    unplaced: list[int] = field(default_factory=list)
    is_complete: bool = True
    misses_wheelchairs: bool = False


def read_csv(text: str, name: str) -> Reading:
    """The draft in CSV text and all that is wrong with its lines; Invalid when it is empty."""
    found = Findings()
    lines = _lines(text, found)
    first = next(lines, None)
    if first is None and not found:
        raise invalid("line 1", "empty_file", "The file is empty.")
    columns = None if first is None else _columns(*first, found)
    if columns is None:
        return Reading(None, found)
    # With a wrong header no seat is complete, but the cells below the right words can be read.
    sheet = _Sheet(is_complete=not found)
    for count, (line, cells) in enumerate(lines):
        if count == PLACES_PER_CHART_MAX:
            found.add(Problem(f"line {line}", "too_many_seats", too_many_seats(count + 1)))
            return Reading(None, found)
        _take(sheet, line, cells, columns, found)
    if not sheet.is_complete:
        return Reading(None, found)
    is_placed = len(sheet.placed) >= len(sheet.unplaced)
    draft = _draft(name, sheet.seats, is_placed=is_placed and bool(sheet.placed))
    found = _with_mixed(sheet, found, is_placed=is_placed)
    return Reading(draft, found, _unknowable(sheet, found), partial(line_in, draft))


def _lines(text: str, found: Findings) -> Iterator[tuple[int, list[str]]]:
    # (line number, cells) of every line that is not blank, as far as there are lines.
    header = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip(" ") for cell in cells]
    except csv.Error as error:
        detail = f"{error}. What follows was not read."
        found.add(Problem(f"line {reader.line_num}", "malformed", detail))


def _columns(line: int, header: Sequence[str], found: Findings) -> tuple[str, ...] | None:
    columns = tuple(cell.strip().lower() for cell in header)
    if len(columns) == 1:
        detail = "There is one column; separate them by comma, semicolon or TAB."
        found.add(Problem(f"line {line}", "one_column", detail))
        return None
    wrong = [f"`{name}` is missing" for name in COLUMNS if name in REQUIRED.difference(columns)]
    wrong += [f"{name[:40]!r} is not known" for name in columns if name not in COLUMNS]
    wrong += [f"`{name}` is there twice" for name in COLUMNS if columns.count(name) > 1]
    if ("x" in columns) != ("y" in columns):
        wrong.append("`x` and `y` belong together")
    if wrong:
        detail = f"{'; '.join(wrong[:10])}. The first line must be: {','.join(COLUMNS)}"
        found.add(Problem(f"line {line}", "wrong_header", detail))
    return columns


def _take(
    sheet: _Sheet, line: int, cells: Sequence[str], columns: Sequence[str], found: Findings
) -> None:
    # A line with a bad cell is still a seat where its cells say which one.
    faults = tuple(_faults(cells, columns))
    for _, code, detail in faults:
        found.add(Problem(f"line {line}", code, detail))
    if not sheet.is_complete:
        return
    bad = {column for column, _, _ in faults}
    if "" in bad:
        sheet.misses_wheelchairs = True
        return
    row = dict(zip(columns, cells, strict=True))
    if bad:
        sheet.misses_wheelchairs |= "attributes" in bad or bool(
            _flags(row) & SeatFlag.ACCESSIBLE and bad.difference({"category"})
        )
    if not bad.isdisjoint(_NAMES):
        return
    (sheet.placed if row.get("x") or row.get("y") else sheet.unplaced).append(line)
    sheet.seats.append((row["section"], row["row"], _seat(line, row, bad)))


def _with_mixed(sheet: _Sheet, found: Findings, *, is_placed: bool) -> Findings:
    # Those that are fewer have it wrong.
    fewer = sheet.unplaced if is_placed else sheet.placed
    kept = list(found.kept)
    if not fewer:
        return found
    detail = (
        f"Either every seat has `x` and `y`, or none has: {len(sheet.placed)} have, "
        f"{len(sheet.unplaced)} have not."
    )
    kept += [Problem(f"line {line}", "coordinates_mixed", detail) for line in fewer[:PROBLEMS_MAX]]
    return Findings(kept, found.more + len(fewer[PROBLEMS_MAX:]))


def _unknowable(sheet: _Sheet, found: Findings) -> frozenset[str]:
    if not found:
        return frozenset()
    stopped = any(problem.code == "malformed" for problem in found.kept) or found.more > 0
    # A place without coordinates is written as one that is not finite.
    codes = {"coordinate_not_finite"}
    if not sheet.seats:
        codes |= {"no_seats", "bad_category_count"}
    if sheet.misses_wheelchairs or stopped:
        codes.add("lonely_companion")
    return frozenset(codes)


def _faults(cells: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if len(cells) != len(columns):
        yield "", "cell_count", f"{len(cells)} cells where the header has {len(columns)}."
        return
    for column, cell in zip(columns, cells, strict=True):
        if found := _cell_problem(column, cell):
            yield column, *found
    row = dict(zip(columns, cells, strict=True))
    if _PLACE.issubset(row) and bool(row["x"]) != bool(row["y"]):
        yield "x", "coordinates_mixed", "`x` and `y` belong together."


def _cell_problem(column: str, cell: str) -> tuple[str, str] | None:
    if column not in COLUMNS:
        return None
    if len(cell) > CELL_CHARACTERS_MAX:
        return "cell_too_long", f"The {column} has more than {CELL_CHARACTERS_MAX} characters."
    if column not in _PLACE:
        return _text_problem(column, cell)
    if cell and not _COORDINATE.fullmatch(cell):
        return "bad_coordinate", f"{column} is not a number: {cell[:40]!r}."
    return None


def _text_problem(column: str, cell: str) -> tuple[str, str] | None:
    shown = ascii(cell[:40])
    if cell.startswith(_FORMULA):
        return "formula_cell", f"The {column} {shown} would be run as a formula."
    if column == "attributes":
        if set(_attributes(cell)).difference(FLAG_OF_ATTRIBUTE):
            return "unknown_attribute", f"Known attributes: {', '.join(FLAG_OF_ATTRIBUTE)}."
        return None
    if not cell:
        return f"missing_{column}", f"The {column} is empty."
    if code := mangled(cell):
        return code, f"The {column} {shown} was changed by a spreadsheet; format it as text."
    return None


def _attributes(cell: str) -> Iterator[str]:
    return filter(None, _SEPARATORS.split(cell.lower()))


def _flags(row: Cells) -> int:
    flags = 0
    for attribute in _attributes(row.get("attributes", "")):
        flags |= int(FLAG_OF_ATTRIBUTE.get(attribute, 0))
    return flags


def _seat(line: int, row: Cells, bad: set[str]) -> DraftSeat:
    x = y = nan
    if bad.isdisjoint(_PLACE) and row.get("x"):
        x, y = (float(row[axis].replace(",", ".")) for axis in ("x", "y"))
    category = _SOME_CATEGORY if "category" in bad else row["category"]
    return DraftSeat(row["seat"], x, y, category, _flags(row), line)


def _draft(
    name: str, seats: Sequence[tuple[str, str, DraftSeat]], *, is_placed: bool
) -> ChartDraft:
    rows: dict[str, dict[str, list[DraftSeat]]] = {}
    for section, row, seat in seats:
        rows.setdefault(section, {}).setdefault(row, []).append(seat)
    sections = tuple(
        DraftSection(key, key, tuple(DraftRow(row, tuple(found)) for row, found in by_row.items()))
        for key, by_row in rows.items()
    )
    names = dict.fromkeys(seat.category for _, _, seat in seats)
    return ChartDraft(
        name=name,
        categories=tuple(
            DraftCategory(category, category, PALETTE[i % len(PALETTE)])
            for i, category in enumerate(names)
        ),
        sections=sections if is_placed else spread_out(sections),
    )
