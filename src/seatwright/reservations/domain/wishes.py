"""The three ways to ask for seats."""

from typing import NamedTuple

import msgspec

from seatwright.contracts.reservations import HoldGrant


class ChosenSeats(NamedTuple):
    """These seats, by their API ids."""

    ids: tuple[str, ...]


class BestAvailable(NamedTuple):
    """So many together, of a category or up to an all-in price (minor units, currency)."""

    quantity: int
    category: str | None
    price_max: tuple[int, str] | None
    accessible: bool


class StandingPlaces(NamedTuple):
    """(area key, how many) for each standing area."""

    areas: tuple[tuple[str, int], ...]


Choice = ChosenSeats | BestAvailable | StandingPlaces


class Note(msgspec.Struct, frozen=True, array_like=True):
    """
    What is kept with a hold: the request in words, and the promise at that moment's prices.

    `wish` tells a repeated request from another one where the seats were ours to choose.
    """

    wish: str
    grant: HoldGrant


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Note)


def encode_note(wish: str, grant: HoldGrant) -> bytes:
    """The bytes to keep."""
    return _ENCODER.encode(Note(wish, grant))


def decode_note(raw: bytes) -> Note:
    """The note in them; raises `msgspec.DecodeError`."""
    return _DECODER.decode(raw)


def in_words(choice: Choice) -> str:
    """The same text for the same request; empty where the seats themselves say it."""
    match choice:
        case ChosenSeats():
            return ""
        case BestAvailable(quantity, category, price_max, accessible):
            return f"best {quantity} {category} {price_max} {accessible}"
        case StandingPlaces(areas):
            return "areas " + ",".join(f"{area}={quantity}" for area, quantity in sorted(areas))
