"""People and what belongs to them, as frozen facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from seatwright.accounts.domain.bearer import SessionId, TokenId
from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.roles import Role
from seatwright.contracts.accounts import PersonId
from seatwright.contracts.catalog import OrganisationId

RegistrationId = NewType("RegistrationId", str)
MemberId = NewType("MemberId", str)


class Purpose(StrEnum):
    """What a mailed link is for."""

    REGISTER = "register"
    CHANGE_EMAIL = "change_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  # a purpose, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose address is proven."""

    id: PersonId
    email: Email
    name: str
    phone: str | None
    language: str
    marketing_consent_at: datetime | None
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Somebody whose address is not proven yet."""

    id: RegistrationId
    email: Email
    name: str
    language: str
    marketing_consent: bool = False
    password_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A mailed link as it stands."""

    purpose: Purpose
    person: PersonId | None
    registration: RegistrationId | None
    email: Email
    used: bool
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One device's log-in; `current` is the one that asks."""

    id: SessionId
    device: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody's role in an organisation."""

    id: MemberId
    email: Email
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An organisation's API token, without its secret."""

    id: TokenId
    organisation: OrganisationId
    name: str
    scopes: frozenset[str]
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """Something that happened, as a person's export shows it."""

    at: datetime
    action: str
    organisation: str | None
    subject: str | None
