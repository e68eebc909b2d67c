"""What is only ever added: the audit log, and letters to be sent."""

from seatwright.accounts.domain.people import AuditLine
from seatwright.accounts.store import QUERIES
from seatwright.contracts.accounts import PersonId
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.postgres import Reader, Writer


async def record(
    writer: Writer,
    *,
    actor: str,
    action: str,
    ip_hash: str | None,
    person: PersonId | None = None,
    organisation: OrganisationId | None = None,
    subject: str | None = None,
) -> None:
    """Add a line to the audit log, in the transaction of the fact."""
    await writer.run(QUERIES["record"], actor, action, person, organisation, subject, ip_hash)


async def of_person(reader: Reader, person: PersonId, lines_max: int) -> list[AuditLine]:
    """The newest lines about a person."""
    rows = await reader.rows(QUERIES["recorded_of_person"], person, lines_max)
    return [
        AuditLine(
            at=row["at"],
            action=row["action"],
            organisation=row["organisation"],
            subject=row["subject"],
        )
        for row in rows
    ]


async def post(writer: Writer, subject: str, message_id: str, payload: bytes) -> None:
    """Put a message into the outbox."""
    await writer.run(QUERIES["post"], subject, message_id, payload)
