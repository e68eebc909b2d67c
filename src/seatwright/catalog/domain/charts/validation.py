"""
Whether a draft can be published, said so that its author can repair it.

Every problem has a place (a JSON pointer, or `line N` of the file), a stable code and words.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from seatwright.catalog.domain.charts.draft import ChartDraft, seat_total
from seatwright.catalog.domain.charts.drawing import drawing_problems
from seatwright.catalog.domain.charts.naming import naming_problems
from seatwright.catalog.domain.charts.seating import seating_problems
from seatwright.contracts.charts import PLACES_PER_CHART_MAX
from seatwright.kit.errors import Invalid, Problem

PROBLEMS_MAX = 100
SECTIONS_MAX = 5_000
OBJECTS_MAX = 2_000
CATEGORIES_MAX = 64
OUTLINE_POINTS_TOTAL_MAX = 20_000  # bounds the time spent on looking for crossings

_TOO_LARGE = frozenset(
    {"too_many_seats", "too_many_sections", "too_many_objects", "outline_too_detailed"}
)


def refuse_unsound(draft: ChartDraft) -> None:
    """Raise Invalid with up to 100 problems when the draft cannot be published."""
    if problems := problems_of(draft):
        raise Invalid(problems)


def problems_of(draft: ChartDraft) -> tuple[Problem, ...]:
    """Up to 100 problems of the draft; empty when it can be published. 0.5 s for 70,000 seats."""
    return tuple(islice(every_problem_of(draft), PROBLEMS_MAX))


def every_problem_of(draft: ChartDraft) -> Iterator[Problem]:
    """The same without an end: as many as the draft has, found while they are asked for."""
    found = tuple(_sizes(draft))
    yield from found
    if not any(problem.code in _TOO_LARGE for problem in found):  # nothing walks a million seats
        yield from chain(naming_problems(draft), drawing_problems(draft), seating_problems(draft))


def too_many_seats(total: int) -> str:
    """The words for a chart that is too large."""
    return f"A chart has at most {PLACES_PER_CHART_MAX} places, this one has {total} or more."


def _sizes(draft: ChartDraft) -> Iterator[Problem]:
    total = seat_total(draft)
    if total > PLACES_PER_CHART_MAX:
        yield Problem("", "too_many_seats", too_many_seats(total))
    if total < 1:
        yield Problem("", "no_seats", "The chart has no seats and no standing places.")
    if len(draft.sections) + len(draft.tables) + len(draft.areas) > SECTIONS_MAX:
        detail = f"A chart has at most {SECTIONS_MAX} sections, tables and areas."
        yield Problem("", "too_many_sections", detail)
    if len(draft.objects) > OBJECTS_MAX:
        yield Problem("/objects", "too_many_objects", f"At most {OBJECTS_MAX} objects are drawn.")
    if not 0 < len(draft.categories) <= CATEGORIES_MAX:
        detail = f"A chart has 1 to {CATEGORIES_MAX} categories."
        yield Problem("/categories", "bad_category_count", detail)
    drawn: Iterator[Sequence[object]] = chain(
        (section.outline for section in draft.sections),
        (area.outline for area in draft.areas),
        (thing.outline for thing in draft.objects),
    )
    if sum(map(len, drawn)) > OUTLINE_POINTS_TOTAL_MAX:
        detail = f"All outlines together have at most {OUTLINE_POINTS_TOTAL_MAX} points."
        yield Problem("", "outline_too_detailed", detail)
