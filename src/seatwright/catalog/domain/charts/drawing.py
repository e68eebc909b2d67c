"""Standing areas, objects and the focus of a draft."""

from collections.abc import Iterator

from seatwright.catalog.domain.charts.draft import ChartDraft, DraftObject
from seatwright.catalog.domain.charts.outlines import (
    OUTLINE_POINTS_MAX,
    coordinates_problem,
    outline_problem,
)
from seatwright.kit.errors import Problem


def drawing_problems(draft: ChartDraft) -> Iterator[Problem]:
    """Problems of what is drawn as a surface, and of the focus."""
    categories = {category.key for category in draft.categories}
    for i, area in enumerate(draft.areas):
        pointer = f"/areas/{i}"
        if area.capacity < 1:
            yield Problem(f"{pointer}/capacity", "bad_capacity", "An area has at least one place.")
        if area.category not in categories:
            detail = f"There is no category {area.category[:40]!r}."
            yield Problem(f"{pointer}/category", "unknown_category", detail)
        if found := outline_problem(area.outline):
            yield Problem(f"{pointer}/outline", *found)
    for i, thing in enumerate(draft.objects):
        if found := _object_problem(thing):
            yield Problem(f"/objects/{i}/outline", *found)
    if draft.focus is not None and (found := coordinates_problem((draft.focus,))):
        yield Problem("/focus", *found)


def _object_problem(thing: DraftObject) -> tuple[str, str] | None:
    # Words may hang on a point, and a wall may be a line; neither needs to enclose anything.
    if thing.kind in ("text", "wall") and 0 < len(thing.outline) <= OUTLINE_POINTS_MAX:
        return coordinates_problem(thing.outline)
    return outline_problem(thing.outline)
