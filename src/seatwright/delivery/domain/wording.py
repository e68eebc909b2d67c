"""Dates, money and places as people of a language write them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import OrderCode
from seatwright.delivery.domain.text import one_line
from seatwright.delivery.domain.words import Words
from seatwright.kit import money

_CODE_GROUP_CHARS = 3
TITLE_CHARS_MAX = 160
VENUE_CHARS_MAX = 120
ADDRESS_CHARS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """An event's times in its own zone, in words; `doors` is empty when nobody said."""

    date: str
    time: str
    doors: str
    zone: str


def amount(minor: int, currency: str, words: Words) -> str:
    """`€89.00`: minor units with the currency's own number of decimals."""
    value = Decimal(minor).scaleb(-money.exponent(currency))
    return str(format_currency(value, currency, locale=words.locale))


def dashed(code: OrderCode) -> str:
    """`KX7-QM3-9PA`: an order's code as it is shown."""
    bare = code.replace("-", "")
    groups = (bare[at : at + _CODE_GROUP_CHARS] for at in range(0, len(bare), _CODE_GROUP_CHARS))
    return "-".join(groups)


def when(event: EventForSale, words: Words) -> When:
    """Date, time, doors and the zone's name where the event takes place."""
    zone = ZoneInfo(event.timezone)
    starts = event.starts_at.astimezone(zone)
    name = get_timezone_name(starts, locale=words.locale)
    return When(
        date=_date(starts, words),
        time=_time(starts, words),
        doors=_doors(event.doors_at.astimezone(zone), starts, words) if event.doors_at else "",
        zone=f"{name} · {event.timezone}",
    )


def when_said(instant: str, event: EventForSale, words: Words) -> str:
    """Date and time of another instant (RFC 3339) where the event takes place."""
    there = datetime.fromisoformat(instant).astimezone(ZoneInfo(event.timezone))
    return f"{_date(there, words)}, {_time(there, words)}"


def address(event: EventForSale, words: Words) -> tuple[str, str]:
    """Street, then city, unless the street says it, and country by its name in the language."""
    country = Locale.parse(words.locale).territories.get(event.country.upper(), event.country)
    street = one_line(event.venue_address, ADDRESS_CHARS_MAX)
    # Most addresses end with their city, behind its postal code: once is enough.
    ending = street.casefold().removesuffix(event.venue_city.casefold())
    said = ending != street.casefold() and (not ending or not ending[-1].isalnum())
    city = ", ".join(part for part in ("" if said else event.venue_city, country) if part)
    return street, one_line(city, ADDRESS_CHARS_MAX)


def _date(instant: datetime, words: Words) -> str:
    return str(format_date(instant.date(), "full", words.locale))


def _time(instant: datetime, words: Words) -> str:
    return str(format_time(instant, "short", tzinfo=instant.tzinfo, locale=words.locale))


def _doors(doors: datetime, starts: datetime, words: Words) -> str:
    if doors.date() == starts.date():
        return words.doors.format(time=_time(doors, words))
    return words.doors_other_day.format(date=_date(doors, words), time=_time(doors, words))
