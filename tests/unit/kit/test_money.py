"""Cents are never made, never lost, and rounded as the law and the receipt expect."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, strategies as st

from seatwright.kit import money
from seatwright.kit.money import AMOUNT_MINOR_MAX, Money

AMOUNTS = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
RATES = st.integers(0, 10_000)


@given(AMOUNTS, RATES)
def test_a_share_is_the_exact_product_rounded_half_away_from_zero(amount, rate):
    exact = (Decimal(amount) * rate / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert money.share(amount, rate) == int(exact)


@given(AMOUNTS, RATES)
def test_contained_tax_is_gross_less_net_rounded_once(gross, rate):
    # Rationals, not decimals: 19 % inside has no end in base ten.
    numerator, denominator = abs(gross) * rate * 2 + (10_000 + rate), 2 * (10_000 + rate)
    expected = numerator // denominator * (1 if gross >= 0 else -1)
    assert money.contained_tax(gross, rate) == expected


@given(AMOUNTS, RATES)
def test_tax_is_between_nothing_and_everything_and_mirrors(gross, rate):
    tax = money.contained_tax(gross, rate)
    assert abs(tax) <= abs(gross)
    assert money.contained_tax(-gross, rate) == -tax
    assert money.share(-gross, rate) == -money.share(gross, rate)


@given(st.integers(0, AMOUNT_MINOR_MAX), RATES)
def test_tax_added_and_tax_contained_agree_within_a_cent(net, rate):
    gross = net + money.share(net, rate)
    assert abs(money.contained_tax(gross, rate) - (gross - net)) <= 1


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (11900, 1900, 1900),
        (5000, 1900, 798),
        (1, 1900, 0),
        (0, 1900, 0),
        (107, 700, 7),
        (3, 10_000, 2),
    ],
)
def test_tax_that_was_reckoned_by_hand(gross, rate, tax):
    assert money.contained_tax(gross, rate) == tax


@pytest.mark.parametrize(("amount", "share"), [(5, 1), (4, 0), (15, 2), (-5, -1), (-4, 0)])
def test_a_half_is_rounded_away_from_zero(amount, share):
    assert money.share(amount, 1000) == share


def test_money_of_one_currency_adds_and_of_two_never_meets():
    assert Money(3, "EUR") + Money(4, "EUR") == Money(7, "EUR")
    assert Money(3, "EUR") - Money(4, "EUR") == Money(-1, "EUR")
    assert Money(3, "EUR") * 4 == Money(12, "EUR")
    for meet in (
        lambda: Money(1, "EUR") + Money(1, "USD"),
        lambda: Money(1, "EUR") - Money(1, "USD"),
    ):
        with pytest.raises(AssertionError):
            meet()


def test_currencies_show_their_own_decimals():
    assert [money.exponent(c) for c in ("EUR", "JPY", "KWD")] == [2, 0, 3]
    assert {"EUR", "USD", "JPY", "KWD"} <= money.CURRENCIES
    assert all(len(c) == 3 and c.isupper() for c in money.CURRENCIES)
