"""Every total is the exact sum of what was shown."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from seatwright.catalog.domain.events import FACE_MINOR_MAX
from seatwright.catalog.domain.pricing import (
    category_price,
    order_fee,
    price_range,
    taxed,
    ticket_fee,
)
from seatwright.contracts.catalog import Tax

amounts = st.integers(0, FACE_MINOR_MAX)
rates = st.integers(0, 10_000)


@given(face=amounts, fee=amounts, rate=rates)
def test_tax_that_is_added_is_rounded_once_a_ticket(face: int, fee: int, rate: int) -> None:
    tax = Tax(name="Sales tax", rate_bp=rate, inclusive=False)
    price = category_price(key="a", name="A", color="#000000", face=face, fee=fee, tax=tax)
    assert price.price == price.face + price.fee + price.tax
    exact = Fraction((face + fee) * rate, 10_000)
    assert abs(price.tax - exact) <= Fraction(1, 2)


@given(face=amounts, fee=amounts, rate=rates)
def test_tax_that_is_contained_changes_no_price(face: int, fee: int, rate: int) -> None:
    tax = Tax(name="VAT", rate_bp=rate, inclusive=True)
    price = category_price(key="a", name="A", color="#000000", face=face, fee=fee, tax=tax)
    assert price.price == face + fee
    exact = Fraction((face + fee) * rate, 10_000 + rate)
    assert abs(price.tax - exact) <= Fraction(1, 2)
    assert 0 <= price.tax <= price.price


@pytest.mark.parametrize(
    ("amount", "rate_bp", "inclusive", "expected"),
    [
        (10_000, 1900, False, (11_900, 1900)),
        (11_900, 1900, True, (11_900, 1900)),
        (1, 5000, False, (2, 1)),  # half a cent goes up
        (0, 1900, False, (0, 0)),
        (4250, 0, True, (4250, 0)),
    ],
)
def test_known_amounts(
    amount: int, rate_bp: int, inclusive: bool, expected: tuple[int, int]
) -> None:
    assert taxed(amount, Tax(name="T", rate_bp=rate_bp, inclusive=inclusive)) == expected


def test_an_order_fee_is_taxed_like_a_ticket() -> None:
    tax = Tax(name="Sales tax", rate_bp=888, inclusive=False)
    fee = order_fee(name="Order fee", amount=395, tax=tax)
    assert (fee.name, fee.price, fee.tax) == ("Order fee", 430, 35)


@given(face=amounts, fixed=amounts, rate=rates)
def test_a_percent_fee_is_rounded_once_a_ticket(face: int, fixed: int, rate: int) -> None:
    exact = fixed + Fraction(face * rate, 10_000)
    assert abs(ticket_fee(face, fixed=fixed, rate_bp=rate) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("face", "fixed", "rate_bp", "fee"),
    [(4250, 150, 350, 299), (10, 0, 500, 1), (9, 0, 500, 0), (4250, 150, 0, 150), (0, 30, 350, 30)],
)
def test_known_fees(face: int, fixed: int, rate_bp: int, fee: int) -> None:
    assert ticket_fee(face, fixed=fixed, rate_bp=rate_bp) == fee


def test_the_range_is_all_in() -> None:
    tax = Tax(name="Sales tax", rate_bp=1000, inclusive=False)
    prices = [
        category_price(key=k, name=k, color="#000000", face=face, fee=100, tax=tax)
        for k, face in (("a", 900), ("b", 4900), ("c", 1900))
    ]
    assert price_range(prices) == (1100, 5500)
