"""
What a visitor may ask of the list of events, read from query parameters.

Strict: a parameter that is unknown, malformed or out of bounds is refused by name, because a
filter that is silently ignored shows events that were not asked for.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeVar

import msgspec

from seatwright.catalog.domain.events import CATEGORIES, FACE_MINOR_MAX, YEAR_MAX, YEAR_MIN
from seatwright.catalog.domain.geography import Spot
from seatwright.catalog.domain.words import fold, words
from seatwright.kit.errors import Invalid, Problem, invalid
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX
from seatwright.kit.money import CURRENCIES

Sort = Literal["relevance", "starts_at", "-starts_at", "price", "-price"]
SORTS: tuple[Sort, ...] = ("relevance", "starts_at", "-starts_at", "price", "-price")
TEXT_CHARACTERS_MAX = 100
WORDS_MAX = 8
RADIUS_KM_DEFAULT = 25.0
RADIUS_KM_MAX = 500.0
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_DIGITS = re.compile(r"[0-9]{1,12}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,9})?")
_DECIMAL = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPOT_PARTS = 2
_PARTS_MAX = 40

T = TypeVar("T")


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """
    A question, bounded and folded.

    `since` and `until` are instants, or days on the event's own calendar (`until` inclusive).
    Prices are minor units, all-in, a ticket. Without `since` only what is not over is meant.
    """

    words: tuple[str, ...] = ()
    city: str | None = None
    country: str | None = None
    venue: str | None = None
    organisation: str | None = None
    category: str | None = None
    since: datetime | date | None = None
    until: datetime | date | None = None
    price_min: int | None = None
    price_max: int | None = None
    currency: str | None = None
    available: bool = False
    accessible: bool = False
    near: Spot | None = None
    radius_km: float = RADIUS_KM_DEFAULT
    sort: Sort = "starts_at"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A whole request: the question, the page size, and the cursor as it came."""

    search: Search
    limit: int
    cursor: str | None


def read_search(parameters: Mapping[str, str]) -> Asked:
    """The request in these query parameters; raises `Invalid` naming all that is wrong."""
    problems: list[Problem] = []

    def read(name: str, reader: Callable[[str, str], T]) -> T | None:
        text = parameters.get(name)
        if text is None or text == "":
            return None
        try:
            return reader(f"?{name}", text)
        except Invalid as refusal:
            problems.extend(refusal.problems)
            return None

    unknown = [name for name in parameters if name not in _READERS]
    problems += [
        Problem(f"?{name[:_PARTS_MAX]}", "unknown_parameter", "There is no such filter.")
        for name in unknown[:_PARTS_MAX]
    ]
    found = {name: read(name, reader) for name, reader in _READERS.items()}
    limit, cursor = found.pop("limit"), found.pop("cursor")
    asked: dict[str, Any] = {_FIELDS.get(k, k): v for k, v in found.items() if v is not None}
    problems += _together(asked)
    if problems:
        raise Invalid(tuple(problems))
    asked.setdefault("sort", "relevance" if asked.get("words") else "starts_at")
    return Asked(
        search=Search(**asked),
        limit=PAGE_ITEMS_DEFAULT if limit is None else limit,
        cursor=cursor,
    )


def _together(asked: Mapping[str, Any]) -> list[Problem]:
    problems = []
    since, until = asked.get("since"), asked.get("until")
    if since is not None and until is not None and _day(since) > _day(until):
        problems.append(Problem("?to", "order", "Not before `from`."))
    low, high = asked.get("price_min"), asked.get("price_max")
    if low is not None and high is not None and low > high:
        problems.append(Problem("?price_max", "order", "Not below `price_min`."))
    if "radius_km" in asked and "near" not in asked:
        problems.append(Problem("?radius_km", "needs_near", "Only together with `near`."))
    if asked.get("sort") == "relevance" and not asked.get("words"):
        problems.append(Problem("?sort", "needs_q", "Relevance needs a text in `q`."))
    return problems


def _day(moment: datetime | date) -> date:
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment


def _text(pointer: str, text: str) -> tuple[str, ...]:
    if len(text) > TEXT_CHARACTERS_MAX:
        raise invalid(pointer, "too_long", f"At most {TEXT_CHARACTERS_MAX} characters.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise invalid(pointer, "invisible_character", "There is a control character.")
    if not text.strip():
        return ()  # a box that was emptied asks for everything
    found = words(text)
    if not found:
        raise invalid(pointer, "no_word", "Write at least one letter or digit.")
    return tuple(found[:WORDS_MAX])


def _place(pointer: str, text: str) -> str:
    if len(text) > TEXT_CHARACTERS_MAX or not text.isprintable():
        raise invalid(pointer, "invalid", f"At most {TEXT_CHARACTERS_MAX} visible characters.")
    return fold(text.strip())


def _one_of(choices: frozenset[str] | tuple[str, ...]) -> Callable[[str, str], str]:
    def read(pointer: str, text: str) -> str:
        if text not in choices:
            raise invalid(pointer, "unknown", f"One of {', '.join(sorted(choices))}.")
        return text

    return read


def _id(pointer: str, text: str) -> str:
    if not _ID.fullmatch(text):
        raise invalid(pointer, "invalid", "An id as this API writes it.")
    return text


def _country(pointer: str, text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise invalid(pointer, "invalid", "Two letters, such as DE.")
    return text.upper()


def _currency(pointer: str, text: str) -> str:
    if text not in CURRENCIES:
        raise invalid(pointer, "currency", "An ISO 4217 code such as EUR.")
    return text


def _yes(pointer: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise invalid(pointer, "invalid", "Either true or false.")
    return text == "true"


def _amount(pointer: str, text: str) -> int:
    if not _DIGITS.fullmatch(text) or int(text) > 2 * FACE_MINOR_MAX:
        raise invalid(pointer, "amount", f"Minor units: 0 to {2 * FACE_MINOR_MAX}.")
    return int(text)


def _count(pointer: str, text: str) -> int:
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= PAGE_ITEMS_MAX:
        raise invalid(pointer, "range", f"Between 1 and {PAGE_ITEMS_MAX}.")
    return int(text)


def _moment(pointer: str, text: str) -> datetime | date:
    try:
        if _DAY.fullmatch(text):
            moment: datetime | date = date.fromisoformat(text)
        else:
            moment = msgspec.convert(text, datetime)
    except (ValueError, msgspec.ValidationError):
        detail = "A day such as 2026-12-31, or an instant such as 2026-12-31T19:30:00Z."
        raise invalid(pointer, "date", detail) from None
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise invalid(pointer, "date", "An instant says its offset: …Z or …+01:00.")
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        raise invalid(pointer, "range", f"Between {YEAR_MIN} and {YEAR_MAX}.")
    return moment


def _spot(pointer: str, text: str) -> Spot:
    parts = text.split(",")
    if len(parts) != _SPOT_PARTS or not all(_DEGREES.fullmatch(part) for part in parts):
        raise invalid(pointer, "invalid", "Latitude and longitude in degrees: 53.54,9.99.")
    spot = Spot(float(parts[0]), float(parts[1]))
    if abs(spot.lat) > 90 or abs(spot.lon) > 180:  # noqa: PLR2004  # what a globe has
        raise invalid(pointer, "range", "Latitude to ±90, longitude to ±180.")
    return spot


def _radius(pointer: str, text: str) -> float:
    if not _DECIMAL.fullmatch(text) or not 0 < float(text) <= RADIUS_KM_MAX:
        raise invalid(pointer, "range", f"Kilometres: above 0, at most {RADIUS_KM_MAX:g}.")
    return float(text)


def _cursor(pointer: str, text: str) -> str:
    if len(text) > 500:  # noqa: PLR2004  # ours are about 120
        raise invalid(pointer, "invalid", "Use the cursor of the page before, unchanged.")
    return text


_READERS: dict[str, Callable[[str, str], Any]] = {
    "q": _text,
    "city": _place,
    "country": _country,
    "venue": _id,
    "organisation": _id,
    "category": _one_of(CATEGORIES),
    "from": _moment,
    "to": _moment,
    "price_min": _amount,
    "price_max": _amount,
    "currency": _currency,
    "available": _yes,
    "accessible": _yes,
    "near": _spot,
    "radius_km": _radius,
    "sort": _one_of(SORTS),
    "limit": _count,
    "cursor": _cursor,
}
_FIELDS = {"q": "words", "from": "since", "to": "until"}
PARAMETERS = frozenset(_READERS)
