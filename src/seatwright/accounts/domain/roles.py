"""Roles in an organisation, and the scopes each stands for."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a member is for the organisation."""

    OWNER = "owner"
    MANAGER = "manager"
    BOX_OFFICE = "box_office"
    GATE = "gate"


SCOPES: tuple[str, ...] = (
    "catalog:read",
    "catalog:write",
    "orders:read",
    "orders:write",
    "refunds:write",
    "reservations:write",
    "entry:scan",
    "entry:read",
    "members:write",
    "tokens:write",
    "reports:read",
    "delivery:write",
)

SCOPES_OF: Mapping[Role, frozenset[str]] = {
    Role.OWNER: frozenset(SCOPES),
    # Everything but choosing who else may: that stays with owners.
    Role.MANAGER: frozenset(SCOPES) - {"members:write"},
    Role.BOX_OFFICE: frozenset(
        {
            "catalog:read",
            "orders:read",
            "orders:write",
            "reservations:write",
            "delivery:write",
            "entry:read",
        }
    ),
    Role.GATE: frozenset({"catalog:read", "entry:scan", "entry:read"}),
}

# A token that may appoint people would be a person; whoever steals one would stay for ever.
SCOPES_OF_TOKENS_MAX: frozenset[str] = frozenset(SCOPES) - {"members:write"}


def within(wanted: Iterable[str], held: frozenset[str]) -> bool:
    """Whether somebody who holds `held` may hand on `wanted`: nobody gives what they lack."""
    return held.issuperset(wanted)


def for_tokens(held: frozenset[str], *, by_token: bool) -> frozenset[str]:
    """
    The scopes that a new token may have when its maker holds `held`.

    A token makes no token that makes tokens: so each falls with whoever made it, in one look.
    """
    allowed = held & SCOPES_OF_TOKENS_MAX
    return allowed - {"tokens:write"} if by_token else allowed


def role_of(scopes: frozenset[str]) -> Role | None:
    """The role that stands for exactly these scopes."""
    return next((role for role, held in SCOPES_OF.items() if held == scopes), None)
