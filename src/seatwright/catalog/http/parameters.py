"""Query parameters of the list of events, as the OpenAPI document describes them."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.params import QueryParameter

from seatwright.catalog.domain.events import CATEGORIES
from seatwright.catalog.domain.searching import (
    PARAMETERS,
    RADIUS_KM_MAX,
    SORTS,
    TEXT_CHARACTERS_MAX,
)
from seatwright.kit.errors import Invalid, Problem, invalid
from seatwright.kit.limits import PAGE_ITEMS_MAX

_FIELDS_MAX = 40
_YES_NO: dict[str, Any] = {"type": "string", "enum": ["true", "false"]}
_MOMENT: dict[str, Any] = {"type": "string", "examples": ["2026-12-31", "2026-12-31T19:30:00Z"]}
_AMOUNT: dict[str, Any] = {"type": "integer", "minimum": 0, "examples": [5000]}


def _described(description: str, *, name: str | None = None, **schema: Any) -> Any:
    return QueryParameter(name=name, description=description, required=False, schema_extra=schema)


Text = Annotated[
    str | None,
    _described(
        "Words to find, as typed so far; small typos are forgiven.", max_length=TEXT_CHARACTERS_MAX
    ),
]
City = Annotated[str | None, _described("A city; case and accents do not matter.")]
Country = Annotated[str | None, _described("ISO 3166-1 alpha-2.", pattern="^[A-Za-z]{2}$")]
VenueId = Annotated[str | None, _described("A venue's id.")]
OrganisationId = Annotated[str | None, _described("An organisation's id.")]
CategoryWord = Annotated[str | None, _described("Kind of event.", enum=sorted(CATEGORIES))]
From = Annotated[
    str | None,
    _described(
        "Not before this day (where the event is) or instant. Without it: what is not over.",
        name="from",
        **_MOMENT,
    ),
]
To = Annotated[
    str | None, _described("Not after this day (included) or instant.", name="to", **_MOMENT)
]
PriceMin = Annotated[str | None, _described("Some ticket costs at least this, all-in.", **_AMOUNT)]
PriceMax = Annotated[str | None, _described("Some ticket costs at most this, all-in.", **_AMOUNT)]
Currency = Annotated[str | None, _described("ISO 4217.", pattern="^[A-Z]{3}$")]
Available = Annotated[str | None, _described("Only what is on sale now.", **_YES_NO)]
Accessible = Annotated[str | None, _described("Only with places for wheelchairs.", **_YES_NO)]
Near = Annotated[str | None, _described("`lat,lon` in degrees.", examples=["53.54,9.99"])]
RadiusKm = Annotated[
    str | None,
    _described(
        "How far from `near`, 25 when not said.",
        type="number",
        exclusive_minimum=0,
        maximum=RADIUS_KM_MAX,
    ),
]
SortWord = Annotated[
    str | None,
    _described("`relevance` with `q`, else `starts_at`, when not said.", enum=list(SORTS)),
]
Limit = Annotated[
    str | None,
    _described("Page size, 25 when not said.", type="integer", minimum=1, maximum=PAGE_ITEMS_MAX),
]
Cursor = Annotated[str | None, _described("`next` of the page before.")]


PageSize = Annotated[
    int,
    _described("Page size, 25 when not said.", minimum=1, maximum=PAGE_ITEMS_MAX),
]


def refuse_stray(request: Request[Any, Any, Any]) -> None:
    """Refuse unknown parameters; raises `Invalid`."""
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError:
        raise invalid("?", "malformed", "The query string is not well-formed.") from None
    problems = [
        Problem(f"?{name[:_FIELDS_MAX]}", "unknown_parameter", "There is no such filter.")
        for name in sorted({name for name, _ in pairs} - PARAMETERS)
    ]
    if problems:
        raise Invalid(tuple(problems))


def given(parameters: Mapping[str, str | None]) -> dict[str, str]:
    """The parameters that were sent, by the names they are sent under."""
    return {name.rstrip("_"): text for name, text in parameters.items() if text is not None}
