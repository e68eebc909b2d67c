"""Whose seats are counted together, on an event that limits them."""

from dataclasses import dataclass

# Everything at these reaches the same mailbox whether it is written with dots or without.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class BuyerLimit:
    """`buyer` names whoever is counted, and is no address; `seats_max` is over all orders."""

    buyer: str
    seats_max: int


def counted_as(*, account_email: str | None, email: str) -> str:
    """
    Whose seats are counted together: an account's, or a guest's of that address.

    An account's address is proven. A guest's is typed, by whomever: it counts for guests alone, so
    that nobody can use up what somebody else may have who logs in.
    """
    if account_email is not None:
        return f"account\n{mailbox(account_email)}"
    return f"guest\n{mailbox(email)}"


def mailbox(email: str) -> str:
    """
    One name for the ways in which one mailbox may be written.

    Capitals do not matter, nor what stands behind a plus. It stops those who write their own
    address differently, not those who have many.
    """
    local, _, domain = email.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
