"""Addresses: as they were written, and as they are compared."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from seatwright.kit.errors import invalid

EMAIL_CHARS_MAX = 254  # RFC 5321, 4.5.3.1.3


@dataclass(frozen=True, slots=True)
class Email:
    """`text` is what mail is sent to; two addresses are the same when their `key` is."""

    text: str
    key: str


def read(text: str, *, pointer: str = "/email") -> Email:
    """
    The address in `text`; raises `Invalid` at `pointer`.

    No display names, no quoted local parts, no comments. Dots and `+` stay: whether they
    matter is the receiving house's own business.
    """
    try:
        # RFC 2606 keeps `.test` for trying things out; mail to it reaches nobody.
        found = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        raise invalid(pointer, "invalid", "Write an address like name@example.org.") from None
    if len(found.normalized) > EMAIL_CHARS_MAX or found.ascii_domain is None:
        raise invalid(pointer, "invalid", "Write an address like name@example.org.")
    key = f"{found.local_part.casefold()}@{found.ascii_domain.lower()}"
    return Email(found.normalized, key)
