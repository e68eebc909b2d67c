"""
What stands on a ticket's pass in a phone's wallet: the same facts as on paper, in few words.

A pass keeps still, so a ticket whose code moves has a pass without a code, which says where the
code is. No secret of the order is in a pass: people share pictures of them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.delivery.domain import colors, wording
from seatwright.delivery.domain.text import isolated, one_line
from seatwright.delivery.domain.words import Words, in_language, languages

_LINE_CHARS_MAX = 120
_PLACE_CHARS_MAX = 40
# After its event, and the time that gates go on, a wallet puts the pass away.
_KEPT_AFTER_END = timedelta(days=1)
# The wallet looks these up in the language of the phone (`strings`).
_KEYS = ("date", "venue", "section", "row", "seat", "place", "order", "name", "category", "doors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """As whom passes are issued, with Apple's names for it."""

    pass_type: str
    team: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the pass, in words; `code` is empty where it moves."""

    title: str
    organiser: str
    venue: str
    address: str
    places: list[tuple[str, str]]
    attendee: str
    category: str
    order: str
    code: str
    accent: str
    ink: str
    moving: str


def facts(papers: OrderPapers, event: EventForSale, ticket: IssuedTicket, code: str) -> Facts:
    """What the pass of this ticket says."""
    words = in_language(papers.language)
    accent = colors.sound(event.accent)
    category = next((c.name for c in event.categories if ticket.category in {c.key, c.name}), "")
    seat = "seat" if ticket.row else "place"
    asked = (("section", ticket.section), ("row", ticket.row), (seat, ticket.seat_label))
    places = [(key, _line(value, _PLACE_CHARS_MAX)) for key, value in asked if value]
    return Facts(
        title=_line(event.title),
        organiser=_line(event.organisation_name) or _line(event.title),
        venue=_line(event.venue_name),
        address=", ".join(part for part in wording.address(event, words) if part),
        places=places or [("place", _line(ticket.label, _PLACE_CHARS_MAX))],
        attendee=_line(ticket.attendee or papers.buyer_name),
        category=_line(category or ticket.category),
        order=wording.dashed(papers.code),
        code="" if event.moving_codes else code,
        accent=accent,
        ink=colors.ink_on(accent),
        moving=f"{words.moving_title}. {words.moving_text}" if event.moving_codes else "",
    )


def apple(event: EventForSale, ticket: IssuedTicket, said: Facts, issuer: Issuer) -> dict[str, Any]:
    """The `pass.json` of an event ticket (Wallet Passes, `Pass`); labels are keys of `strings`."""
    start = event.starts_at.isoformat()
    made: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": issuer.pass_type,
        "teamIdentifier": issuer.team,
        # A ticket that gets a new code is another pass; the old one would show a dead code.
        "serialNumber": f"{ticket.id}-{ticket.seq}",
        "groupingIdentifier": event.id,
        "organizationName": said.organiser,
        "description": said.title,
        "relevantDate": start,
        "expirationDate": (event.ends_at + _KEPT_AFTER_END).isoformat(),
        "sharingProhibited": True,
        "backgroundColor": _rgb(said.accent),
        "foregroundColor": _rgb(said.ink),
        "labelColor": _rgb(said.ink),
        "eventTicket": _fields(event, said, start),
        "semantics": {
            "eventName": said.title,
            "venueName": said.venue,
            "eventStartDate": start,
            "eventEndDate": event.ends_at.isoformat(),
        },
    }
    if said.code:
        made["barcodes"] = [
            {
                "format": "PKBarcodeFormatQR",
                "message": said.code,
                "messageEncoding": "iso-8859-1",
                "altText": said.order,
            }
        ]
    return made


def _fields(event: EventForSale, said: Facts, start: str) -> dict[str, Any]:
    back = [_field("venue", f"{said.venue}\n{said.address}", key="address")]
    if said.moving:
        back.insert(0, {"key": "moving", "label": "", "value": said.moving})
    if event.doors_at is not None:
        back.append(_instant("doors", event.doors_at.isoformat()))
    return {
        "headerFields": [_field("order", said.order)],
        "primaryFields": [{"key": "event", "label": said.venue, "value": said.title}],
        "secondaryFields": [_instant("date", start), _field("name", isolated(said.attendee))],
        "auxiliaryFields": [
            *(_field(key, value) for key, value in said.places),
            _field("category", said.category),
        ],
        "backFields": back,
    }


def _field(label: str, value: str, *, key: str = "") -> dict[str, str]:
    return {"key": key or label, "label": label, "value": value}


def _instant(label: str, value: str) -> dict[str, Any]:
    # In the zone of the pass's own instant, which is the event's, wherever the phone is.
    return {
        **_field(label, value),
        "dateStyle": "PKDateStyleMedium",
        "timeStyle": "PKDateStyleShort",
        "ignoresTimeZone": True,
    }


def strings() -> dict[str, str]:
    """The `pass.strings` of each language: what the labels' keys are called in it."""
    return {tag: _strings(in_language(tag)) for tag in languages()}


def _strings(words: Words) -> str:
    lines = ((key, _named(words, key)) for key in _KEYS)
    return "".join(f'"{key}" = "{_quoted(name)}";\n' for key, name in lines)


def _named(words: Words, key: str) -> str:
    if key == "doors":
        return words.doors_label
    return str(getattr(words, key))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def google(
    event: EventForSale, ticket: IssuedTicket, said: Facts, *, issuer: str, language: str
) -> dict[str, Any]:
    """Class and object of an event ticket (Google Wallet API, `EventTicketObject`)."""
    kind = f"{issuer}.{event.id}"
    place = dict(said.places)
    shown: dict[str, Any] = {
        "id": f"{issuer}.{ticket.id}-{ticket.seq}",
        "classId": kind,
        "state": "ACTIVE",
        "ticketHolderName": said.attendee,
        "ticketNumber": said.order,
        "hexBackgroundColor": said.accent,
        "seatInfo": {
            name: _localized(place[key], language)
            for key, name in (("section", "section"), ("row", "row"), ("seat", "seat"))
            if key in place
        },
        "ticketType": _localized(said.category, language),
        "validTimeInterval": {"end": {"date": (event.ends_at + _KEPT_AFTER_END).isoformat()}},
    }
    if said.code:
        shown["barcode"] = {"type": "QR_CODE", "value": said.code, "alternateText": said.order}
    else:
        shown["textModulesData"] = [{"id": "moving", "body": said.moving}]
    return {
        "eventTicketClasses": [
            {
                "id": kind,
                "issuerName": said.organiser,
                "reviewStatus": "UNDER_REVIEW",
                "eventName": _localized(said.title, language),
                "venue": {
                    "name": _localized(said.venue, language),
                    "address": _localized(said.address, language),
                },
                "dateTime": _times(event),
            }
        ],
        "eventTicketObjects": [shown],
    }


def _times(event: EventForSale) -> dict[str, str]:
    times = {"start": event.starts_at.isoformat(), "end": event.ends_at.isoformat()}
    return times | ({"doorsOpen": event.doors_at.isoformat()} if event.doors_at else {})


def _localized(text: str, language: str) -> dict[str, Any]:
    return {"defaultValue": {"language": language, "value": text or "-"}}


def _line(text: str, chars_max: int = _LINE_CHARS_MAX) -> str:
    return one_line(text, chars_max)


def _rgb(color: str) -> str:
    red, green, blue = colors.channels(color)
    return f"rgb({red}, {green}, {blue})"
