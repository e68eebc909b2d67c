"""Money as integers of a currency's smallest unit; nothing here ever sees a float."""

from dataclasses import dataclass

# ISO 4217 currencies whose smallest unit is not a hundredth.
_EXPONENTS = {
    "BHD": 3, "CLP": 0, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3,
    "OMR": 3, "PYG": 0, "TND": 3, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
_HUNDREDTHS = """
AED ARS AUD BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR MAD MXN MYR NGN NOK
NZD PEN PHP PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD ZAR
"""
CURRENCIES = frozenset(_HUNDREDTHS.split()) | frozenset(_EXPONENTS)
# A single amount stays far inside 2^53, so that every JSON reader keeps it exact.
AMOUNT_MINOR_MAX = 10**12
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in minor units of `currency` (ISO 4217)."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, "money of two currencies never meets in a sum"
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        assert self.currency == other.currency
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)


def exponent(currency: str) -> int:
    """How many decimal places the currency shows: EUR 2, JPY 0, KWD 3."""
    return _EXPONENTS.get(currency, 2)


def share(amount: int, rate_bp: int) -> int:
    """`rate_bp` basis points of `amount`, rounded half away from zero."""
    product = amount * rate_bp
    half = BASIS_POINTS // 2
    return (
        (product + half) // BASIS_POINTS if product >= 0 else -((-product + half) // BASIS_POINTS)
    )


def contained_tax(gross: int, rate_bp: int) -> int:
    """The tax inside a tax-inclusive amount: gross - gross / (1 + rate), half up."""
    if gross < 0:
        return -contained_tax(-gross, rate_bp)
    divisor = BASIS_POINTS + rate_bp
    return (gross * rate_bp + divisor // 2) // divisor
