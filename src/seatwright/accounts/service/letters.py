"""Mails that accounts ask for: written to the outbox, sent by whoever delivers."""

from collections.abc import Mapping

import msgspec

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.service.desk import Desk
from seatwright.accounts.store import records
from seatwright.contracts.delivery import SUBJECT_MAIL, Letter
from seatwright.kit import ids
from seatwright.kit.postgres import Writer

VERIFY_PAGE = "/account/verify-email"
RESET_PAGE = "/account/reset-password"
LOG_IN_PAGE = "/account/log-in"


def page(desk: Desk, path: str, secret: str | None = None) -> str:
    """
    The address of a page; a secret stands in the fragment, which no server or log ever sees.

    Always under the configured address, whatever host the request named.
    """
    return f"{desk.public_url}{path}" + (f"#token={secret}" if secret else "")


async def send(
    writer: Writer, template: str, to: Email, *, language: str, values: Mapping[str, str]
) -> None:
    """Have a mail sent once this transaction has happened."""
    letter = Letter(template=template, to=to.text, language=language, values=dict(values))
    await records.post(writer, SUBJECT_MAIL, ids.sortable_id(), msgspec.json.encode(letter))
