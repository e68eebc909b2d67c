"""Names, keys, colours and categories of a draft."""

import re
from collections.abc import Iterator
from itertools import chain

from seatwright.catalog.domain.charts.draft import ChartDraft
from seatwright.catalog.domain.charts.labels import label_problems
from seatwright.kit.errors import Problem

NAME_CHARACTERS_MAX = 120
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def naming_problems(draft: ChartDraft) -> Iterator[Problem]:
    """Problems of everything in the draft that has a name or key."""
    yield from _names(draft)
    yield from label_problems(
        "category", ((f"/categories/{i}/key", part.key) for i, part in enumerate(draft.categories))
    )
    # One name space: the first part of a seat id may be any of the three.
    yield from label_problems(
        "key",
        chain(
            ((f"/sections/{i}/key", section.key) for i, section in enumerate(draft.sections)),
            ((f"/tables/{i}/key", table.key) for i, table in enumerate(draft.tables)),
            ((f"/areas/{i}/key", area.key) for i, area in enumerate(draft.areas)),
        ),
    )
    yield from _categories(draft)


def _names(draft: ChartDraft) -> Iterator[Problem]:
    for pointer, name, needed in _texts(draft):
        empty = needed and not name.strip()
        if empty or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
            detail = f"A name has 1 to {NAME_CHARACTERS_MAX} printable characters."
            yield Problem(pointer, "bad_name", detail)


def _texts(draft: ChartDraft) -> Iterator[tuple[str, str, bool]]:
    # (pointer, text, must not be empty)
    yield "/name", draft.name, True
    for i, category in enumerate(draft.categories):
        yield f"/categories/{i}/name", category.name, True
    for i, section in enumerate(draft.sections):
        yield f"/sections/{i}/name", section.name, True
        yield f"/sections/{i}/level", section.level, False
        yield f"/sections/{i}/entrance", section.entrance, False
    for i, table in enumerate(draft.tables):
        yield f"/tables/{i}/name", table.name, True
    for i, area in enumerate(draft.areas):
        yield f"/areas/{i}/name", area.name, True
        yield f"/areas/{i}/entrance", area.entrance, False
    for i, thing in enumerate(draft.objects):
        yield f"/objects/{i}/label", thing.label, False


def _categories(draft: ChartDraft) -> Iterator[Problem]:
    used = {area.category for area in draft.areas}
    rows = chain.from_iterable(section.rows for section in draft.sections)
    used.update(seat.category for row in rows for seat in row.seats)
    used.update(seat.category for table in draft.tables for seat in table.seats)
    for i, category in enumerate(draft.categories):
        if not _COLOR.fullmatch(category.color):
            detail = f"A colour is written #RRGGBB, not {category.color[:20]!r}."
            yield Problem(f"/categories/{i}/color", "bad_color", detail)
        if category.key not in used:
            detail = f"No seat is of category {category.key[:40]!r}."
            yield Problem(f"/categories/{i}", "unused_category", detail)
