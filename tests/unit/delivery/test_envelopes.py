"""A mail on the wire, parsed back by another program's rules."""

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import given, strategies as st

from seatwright.catalog.domain.organisations import Organisation, organisation_problems
from seatwright.contracts.catalog import OrganisationId
from seatwright.delivery.adapters.envelopes import (
    Attachment,
    BadAddress,
    Envelope,
    Organiser,
    envelope,
)
from seatwright.delivery.domain.mails import Written

NOW = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
PDF = Attachment(name="tickets.pdf", kind="application/pdf", content=b"%PDF-1.7 \x00\xff")
ICS = Attachment(
    name="event.ics", kind="text/calendar; method=PUBLISH", content=b"BEGIN:VCALENDAR\r\n"
)


def sealed(name: str = "Ada", to: str = "ada@example.com", subject: str = "Tickets") -> Envelope:
    return envelope(
        Written(subject=subject, text="Grüße\n" + "x" * 2000, html="<p>Grüße</p>", language="de"),
        (PDF, ICS),
        sender="Seatwright <tickets@seatwright.example>",
        recipient=(name, to),
        message_id="<abc@seatwright.example>",
        now=NOW,
    )


def parsed(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_the_parts_come_back_as_they_were() -> None:
    message = parsed(sealed().message)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
        "text/calendar",
    ]
    pdf, ics = message.iter_attachments()
    assert pdf.get_content() == PDF.content
    assert (pdf.get_filename(), ics.get_filename()) == ("tickets.pdf", "event.ics")
    assert ics.get_content_type() == "text/calendar"
    assert dict(ics["content-type"].params)["method"] == "PUBLISH"
    assert message["message-id"] == "<abc@seatwright.example>"
    assert message["date"].datetime == NOW
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Grüße")


def test_lines_are_short_enough_for_any_server() -> None:
    raw = sealed(name="Ö" * 80, subject="Ü" * 120).message
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()


@given(st.text(max_size=120))
def test_no_name_can_add_a_header(name: str) -> None:
    message = parsed(sealed(name=f"{name}\r\nBcc: x@y.example\r\n\r\nhello").message)
    assert message["bcc"] is None
    assert message["to"].addresses[0].addr_spec == "ada@example.com"


@pytest.mark.parametrize(
    "bad",
    ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b\r\nBcc: c@d", "x" * 250 + "@e.com",
     "a@" + "b" * 70 + ".com", "a@..com", "a\x00@b.com", "a@b@\n"],
)  # fmt: skip
def test_addresses_that_cannot_be_are_refused_before_anything_is_sent(bad: str) -> None:
    with pytest.raises(BadAddress):
        sealed(to=bad)


def test_domains_of_other_scripts_travel_in_ascii_and_local_parts_as_they_are() -> None:
    assert sealed(to="ada@exämple.com").recipient == "ada@xn--exmple-cua.com"
    assert not sealed(to="ada@exämple.com").international
    assert sealed(to="jürgen@example.com").international


def answered_at(reply_to: str) -> EmailMessage:
    """A mail of an organiser who wants answers there."""
    return parsed(
        envelope(
            Written(subject="Tickets", text="x", html="<p>x</p>", language="en"),
            (PDF,),
            sender="tickets@seatwright.example",
            recipient=("Ada", "ada@example.com"),
            message_id="<abc@seatwright.example>",
            now=NOW,
            organiser=Organiser(name="Nordlicht", reply_to=reply_to),
        ).message
    )


BAD_REPLIES = [
    "a..b@example.com",
    ".a@example.com",
    "hello@example..com",
    "b\u00fc@example.com",
    "x",
]


@pytest.mark.parametrize("reply_to", BAD_REPLIES)
def test_tickets_go_out_without_a_reply_address_that_is_none(reply_to: str) -> None:
    assert answered_at(reply_to)["reply-to"] is None


@given(st.emails() | st.sampled_from(BAD_REPLIES))
def test_what_the_catalogue_takes_as_reply_address_can_be_answered(reply_to: str) -> None:
    promoter = Organisation(
        id=OrganisationId("o"), name="Nordlicht", slug="nordlicht", reply_to=reply_to
    )
    if not list(organisation_problems(promoter)):
        assert answered_at(reply_to)["reply-to"].addresses[0].addr_spec == reply_to
