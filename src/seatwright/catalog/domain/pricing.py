"""
What a ticket costs, decided once when an event is published.

Tax that is added is computed for each ticket and for each order fee, and rounded there (half
up), so that every total is the exact sum of the prices that were shown. Tax that is contained
is read out of the same prices and changes nothing.
"""

from collections.abc import Sequence

from seatwright.contracts.catalog import CategoryPrice, OrderFee, Tax
from seatwright.kit.money import contained_tax, share


def taxed(net_or_gross: int, tax: Tax) -> tuple[int, int]:
    """(price, tax in it), both in minor units, of an amount as the organiser writes it."""
    if tax.inclusive:
        return net_or_gross, contained_tax(net_or_gross, tax.rate_bp)
    added = share(net_or_gross, tax.rate_bp)
    return net_or_gross + added, added


def ticket_fee(face: int, *, fixed: int, rate_bp: int) -> int:
    """
    The fee of one ticket in minor units: a fixed part, and basis points of the face value.

    Rounded here, once a ticket and half up, so that tickets of a category cost the same.
    """
    return fixed + share(face, rate_bp)


def category_price(
    *, key: str, name: str, color: str, face: int, fee: int, tax: Tax
) -> CategoryPrice:
    """One ticket of a category, all-in; amounts in minor units."""
    price, tax_in_it = taxed(face + fee, tax)
    return CategoryPrice(
        key=key, name=name, color=color, face=face, fee=fee, tax=tax_in_it, price=price
    )


def order_fee(*, name: str, amount: int, tax: Tax) -> OrderFee:
    """The fee of one order, all-in; `amount` in minor units as the organiser writes it."""
    price, tax_in_it = taxed(amount, tax)
    return OrderFee(name=name, tax=tax_in_it, price=price)


def price_range(categories: Sequence[CategoryPrice]) -> tuple[int, int]:
    """The cheapest and the dearest ticket, all-in."""
    assert categories, "a published event has prices"
    prices = [category.price for category in categories]
    return min(prices), max(prices)
