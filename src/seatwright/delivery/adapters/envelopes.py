"""A written mail as the bytes that go over the wire (RFC 5322, MIME)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from seatwright.delivery.domain.mails import Written
from seatwright.delivery.domain.text import one_line
from seatwright.kit.log import log

_NAME_CHARS_MAX = 80
_ADDRESS_CHARS_MAX = 254
# RFC 6531 widens the letters of a local part, not its punctuation; the standard library knows only
# the old letters.
_INTERNATIONAL_LOCAL = re.compile(r"^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$")


class BadAddress(ValueError):  # noqa: N818  # named by what is so
    """Nothing can be sent to this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a mail; `kind` is its media type, parameters after semicolons."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """
    A mail ready to send.

    `international` when an address needs SMTPUTF8 of the server.
    """

    sender: str
    recipient: str
    message: bytes
    international: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Organiser:
    """For whom a mail is sent: shown as its sender; `reply_to` empty: nobody answers."""

    name: str
    reply_to: str


def envelope(  # each is a header
    written: Written,
    attachments: Sequence[Attachment],
    *,
    sender: str,
    recipient: tuple[str, str],
    message_id: str,
    now: datetime,
    organiser: Organiser | None = None,
) -> Envelope:
    """Put a mail together; `recipient` is name and address. Raises `BadAddress`."""
    from_address = _from(sender, organiser)
    to_address = _address(*recipient)
    international = not (from_address.addr_spec + to_address.addr_spec).isascii()
    message = EmailMessage(policy=SMTPUTF8 if international else SMTP)
    message["From"] = from_address
    message["To"] = to_address
    if organiser and (answers_to := _answers_to(organiser)):
        message["Reply-To"] = answers_to
    message["Subject"] = written.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Content-Language"] = written.language
    # Holiday notes need not answer a machine (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    for file in attachments:
        media, *parameters = (part.strip() for part in file.kind.split(";"))
        major, _, minor = media.partition("/")
        message.add_attachment(
            file.content,
            maintype=major,
            subtype=minor,
            filename=file.name,
            params=dict(p.split("=", 1) for p in parameters),
        )
    return Envelope(
        sender=from_address.addr_spec,
        recipient=to_address.addr_spec,
        message=message.as_bytes(),
        international=international,
    )


def _from(sender: str, organiser: Organiser | None) -> Address:
    """The installation's address, which it may send from, under the organiser's name."""
    name, address = parseaddr(sender)
    return _address(organiser.name if organiser and organiser.name else name, address)


def _answers_to(organiser: Organiser) -> Address | None:
    """Where answers go; None when no header can say it: the tickets go out all the same."""
    if not organiser.reply_to:
        return None
    try:
        address = _address(organiser.name, organiser.reply_to)
    except BadAddress:
        address = None
    if address is None or not address.addr_spec.isascii():
        log.warning("reply_address_left_out", organiser=organiser.name)
        return None
    return address


def _address(name: str, address: str) -> Address:
    local, at, domain = address.rpartition("@")
    broken = any(sign.isspace() or not sign.isprintable() for sign in address)
    if not at or not local or not domain or broken or len(address) > _ADDRESS_CHARS_MAX:
        raise BadAddress("not an e-mail address")
    shown = one_line(name, _NAME_CHARS_MAX)
    try:
        ascii_domain = domain.encode("idna").decode()
        if not local.isascii() and _INTERNATIONAL_LOCAL.match(local):
            return Address(shown, username=local, domain=ascii_domain)
        return Address(shown, addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, IndexError, HeaderParseError) as fault:
        raise BadAddress("not an e-mail address") from fault
