"""The one door for chart files: all or nothing, whatever the bytes are."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

import msgspec

from seatwright.catalog.domain.charts.author_json import AuthorChart, read_author_json
from seatwright.catalog.domain.charts.csv_seats import read_csv
from seatwright.catalog.domain.charts.draft import ChartDraft
from seatwright.catalog.domain.charts.file_lines import in_lines
from seatwright.catalog.domain.charts.findings import Reading, first_of
from seatwright.catalog.domain.charts.json_pieces import read_pieces
from seatwright.catalog.domain.charts.json_pointer import decode_typed
from seatwright.catalog.domain.charts.pretix_plan import Plan, read_pretix
from seatwright.catalog.domain.charts.publishing import draft_of
from seatwright.contracts.charts import decode_chart
from seatwright.kit.errors import Invalid, Problem, invalid

T = TypeVar("T")
FILE_BYTES_MAX = 20_000_000  # 100,000 seats are at most 12 MB in the wordiest of the formats


def read_chart(file: bytes, name: str = "Imported chart") -> ChartDraft:
    """
    A sound draft from a file: published chart, author's JSON, pretix seating plan or CSV.

    The kind is recognised by the content; `name` serves where the file has none. Invalid with all
    that can be known to be wrong, in the order of its lines, each with a line or a JSON pointer;
    of more than 100 problems, the last says how many are not shown.
    """
    if len(file) > FILE_BYTES_MAX:
        raise invalid("", "too_large", f"A chart file has at most {FILE_BYTES_MAX} bytes.")
    text, damage = _decoded(file)
    if is_json(text):
        if damage:
            raise Invalid(tuple(dict.fromkeys(damage.values())))
        return _from_json(file, text)
    reading = read_csv(text, name)
    damaged = {f"line {line}" for line in damage}
    read = (problem for problem in reading.problems() if problem.pointer not in damaged)
    problems = chain(dict.fromkeys(damage.values()), read)
    return _sound(reading, first_of(problems, _line, more=reading.findings.more))


def _from_json(file: bytes, text: str) -> ChartDraft:
    try:
        reading = _json_reading(file)
        problems = first_of(reading.problems(), _steps, more=reading.findings.more)
    except Invalid as refusal:
        raise Invalid(in_lines(text, first_of(refusal.problems, _steps))) from refusal
    return _sound(reading, in_lines(text, problems))


def _sound(reading: Reading, problems: tuple[Problem, ...]) -> ChartDraft:
    if problems:
        raise Invalid(problems)
    assert reading.draft is not None, "a file without a draft has something wrong"
    return reading.draft


def _line(problem: Problem) -> int:
    return int(problem.pointer[5:]) if problem.pointer.startswith("line ") else 0


def _steps(problem: Problem) -> Sequence[tuple[int, str]]:
    steps = problem.pointer.split("/")[1:]
    return [(int(step), "") if step.isdecimal() else (-1, step) for step in steps]


def is_json(text: str) -> bool:
    """Whether a file is JSON of any kind; a spreadsheet otherwise."""
    return text.lstrip()[:1] in ("{", "[")


def _decoded(file: bytes) -> tuple[str, Mapping[int, Problem]]:
    """The text, and the lines that cannot be read: all of one kind under one problem."""
    if file.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise invalid("", "wrong_encoding", "The file is UTF-16; save it as UTF-8.")
    damage: dict[int, Problem] = {}
    if b"\0" in file:
        lines = [i for i, line in enumerate(file.split(b"\n"), 1) if b"\0" in line]
        detail = f"There is a NUL character{_and_others(lines)}; save as UTF-8."
        damage |= dict.fromkeys(lines, Problem(f"line {lines[0]}", "nul_character", detail))
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = file.decode("utf-8-sig", "replace")
        lines = [i for i, line in enumerate(file.split(b"\n"), 1) if not _is_utf8(line)]
        detail = f"The file is not UTF-8{_and_others(lines)}; save it as UTF-8."
        damage |= dict.fromkeys(lines, Problem(f"line {lines[0]}", "wrong_encoding", detail))
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}"), damage


def _and_others(lines: Sequence[int]) -> str:
    return f" here and in {len(lines) - 1} more lines" if len(lines) > 1 else ""


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Kind(msgspec.Struct):
    # Just enough of a JSON file to recognise it.
    format: Any = None
    zones: Any = None


def _json_reading(file: bytes) -> Reading:
    content = file.removeprefix(b"\xef\xbb\xbf")
    kind = decode_typed(content, _Kind)
    if kind.format == "seatwright-chart/1":
        return Reading(draft_of(decode_chart(content)))
    if kind.zones is not None:
        return _typed(content, Plan, read_pretix)
    return _typed(content, AuthorChart, read_author_json)


def _typed(content: bytes, kind: type[T], read: Callable[[T], Reading]) -> Reading:
    try:
        decoded = msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError:
        return read_pieces(content, kind, read)
    return read(decoded)
