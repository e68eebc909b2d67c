"""Dates stand in the event's zone, money in its currency's decimals."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from seatwright.contracts.orders import OrderCode
from seatwright.delivery.domain import wording
from seatwright.delivery.domain.words import in_language, languages
from seatwright.kit import ids
from tests.fakes.sold import STARTS, an_event


@pytest.mark.parametrize(
    ("zone", "language", "date", "time"),
    [
        ("Europe/Berlin", "en", "Thursday, 14 August 2031", "20:00"),
        ("Europe/Berlin", "de-AT", "Donnerstag, 14. August 2031", "20:00"),
        ("Asia/Tokyo", "en", "Friday, 15 August 2031", "03:00"),
        ("America/Los_Angeles", "fr", "jeudi 14 août 2031", "11:00"),
    ],
)
def test_the_time_is_the_venues(zone: str, language: str, date: str, time: str) -> None:
    said = wording.when(an_event(timezone=zone), in_language(language))
    assert (said.date, said.time) == (date, time)
    assert zone in said.zone


def test_doors_of_the_day_before_say_their_day() -> None:
    words = in_language("en")
    assert wording.when(an_event(), words).doors == "Doors open at 18:30"
    assert wording.when(an_event(doors_at=None), words).doors == ""
    early = wording.when(an_event(doors_at=STARTS - timedelta(days=1)), words).doors
    assert "13 August 2031" in early


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (8900, "EUR", "€89.00"),
        (8900, "JPY", "JP¥8,900"),
        (8900, "KWD", "KWD8.900"),
        (0, "EUR", "€0.00"),
    ],
)
def test_money_has_its_currencys_decimals(minor: int, currency: str, shown: str) -> None:
    assert wording.amount(minor, currency, in_language("en")).replace("\xa0", "") == shown


@given(st.sampled_from([ids.order_code() for _ in range(20)]))
def test_a_code_is_shown_in_three_groups(code: str) -> None:
    dashed = wording.dashed(OrderCode(code))
    assert [len(group) for group in dashed.split("-")] == [3, 3, 3]
    assert dashed.replace("-", "") == code


def test_an_unknown_language_is_english_and_every_language_says_every_letter() -> None:
    assert in_language("tlh").language == "en"
    letters = {frozenset(in_language(tag).letters) for tag in languages()}
    everything = {
        "verify_email",
        "password_reset",
        "address_in_use",
        "email_changed",
        "webhooks_off",
    }
    assert letters == {frozenset(everything | {"not_charged", "webhooks_off"})}


@pytest.mark.parametrize(
    ("street", "city", "second"),
    [
        ("Am Hafenbecken 7, 20457 Hamburg", "Hamburg", "Germany"),
        ("AM HAFEN 7, 20457 HAMBURG ", "Hamburg", "Germany"),
        ("Am Hafenbecken 7, 20457", "Hamburg", "Hamburg, Germany"),
        # Another town that ends alike, and a city of no name.
        ("Werftweg 1, Neuhamburg", "Hamburg", "Hamburg, Germany"),
        ("Hamburg", "Hamburg", "Germany"),
        ("Am Hafenbecken 7", "", "Germany"),
        ("", "Hamburg", "Hamburg, Germany"),
    ],
)
def test_the_city_is_said_once(street: str, city: str, second: str) -> None:
    event = an_event(venue_address=street, venue_city=city, country="DE")
    assert wording.address(event, in_language("en")) == (street.strip(), second)


@pytest.mark.parametrize("language", languages())
def test_a_ticket_promises_of_the_order_page_what_is_there(language: str) -> None:
    note = in_language(language).notes[1].text
    wanted = {"en": "downloaded", "de": "herunterladen", "es": "descargar", "fr": "télécharger"}
    assert wanted[language] in note
    # Nothing there can be changed, and it is no receipt.
    for promised in ("change", "ändern", "cambios", "modifications", "eceipt", "Beleg", "recibo"):
        assert promised not in note
