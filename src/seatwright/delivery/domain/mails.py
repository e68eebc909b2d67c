"""
What a mail says, in HTML and in plain text, before anything is sent.

No text of a person is ever a format string, and what is written from right to left stays apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.delivery import Letter
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.delivery.domain import wording
from seatwright.delivery.domain.mail_pages import Branding, Parts, as_html, as_text
from seatwright.delivery.domain.text import isolated, one_line
from seatwright.delivery.domain.words import Words, in_language

_SUBJECT_CHARS_MAX = 120
_LINE_CHARS_MAX = 200
# Three parts of a message; each costs.
_TEXT_CHARS_MAX = 300
_ADDRESS_CHARS_MAX = 2000
_NOBODY = Branding(name="", accent="")


class UnknownTemplate(ValueError):  # noqa: N818  # named by what is so
    """A letter asked for words that delivery does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail's words; `subject` is one line of printable signs."""

    subject: str
    text: str
    html: str
    language: str


def order_url(public: str, papers: OrderPapers) -> str:
    """The order page; the secret is in the fragment, which no server and no log ever sees."""
    return f"{public}/orders/{wording.dashed(papers.code)}#{papers.secret}"


def tickets_mail(papers: OrderPapers, event: EventForSale, *, public: str) -> Written:
    """The mail that brings an order's tickets."""
    words = in_language(papers.language)
    count = len(papers.tickets)
    text = words.mail_text_one if count == 1 else words.mail_text_many.format(count=count)
    moving = (words.moving_text,) if event.moving_codes else ()
    parts = Parts(
        heading=_title(event),
        hello=_hello(papers.buyer_name, words),
        text=text,
        facts=_facts(event, words),
        rows=_rows(papers, event, words),
        button=words.mail_button,
        url=order_url(public, papers),
        after=(
            words.mail_button_hint,
            *moving,
            words.mail_attached,
            *_questions(event, words),
        ),
        footer=words.footer.format(code=wording.dashed(papers.code)),
    )
    return _about(event, words.mail_subject, parts, words)


def attendee_mail(papers: OrderPapers, event: EventForSale, ticket: IssuedTicket) -> Written:
    """
    The mail that brings one ticket to whoever will use it.

    It has neither prices nor a way to the order: those are the buyer's.
    """
    words = in_language(papers.language)
    buyer = isolated(one_line(papers.buyer_name, _LINE_CHARS_MAX))
    parts = Parts(
        heading=_title(event),
        hello=_hello(ticket.attendee, words),
        text=words.attendee_text.format(buyer=buyer),
        facts=(*_facts(event, words), (isolated(one_line(ticket.label, _LINE_CHARS_MAX)),)),
        rows=(),
        button="",
        url="",
        after=(words.attendee_attached, *_questions(event, words)),
        footer=words.attendee_footer.format(code=wording.dashed(papers.code)),
    )
    return _about(event, words.mail_subject, parts, words)


def notice_mail(
    papers: OrderPapers, event: EventForSale, *, kind: str, values: Mapping[str, str], public: str
) -> Written:
    """
    A mail to an order about its event: `reminder`, `moved`, `changed` or `cancelled`.

    `values` has `before`, when it was to be, as an RFC 3339 instant, for `moved`.
    """
    words = in_language(papers.language)
    said = words.notices[kind]
    before = wording.when_said(values["before"], event, words) if "before" in values else ""
    parts = Parts(
        heading=_title(event),
        hello=_hello(papers.buyer_name, words),
        text=said.text.format(before=before),
        facts=_facts(event, words),
        rows=[],
        button=words.mail_button,
        url=order_url(public, papers),
        after=(words.mail_button_hint, *_questions(event, words)),
        footer=words.footer.format(code=wording.dashed(papers.code)),
    )
    return _about(event, said.subject, parts, words)


def notice_text(papers: OrderPapers, event: EventForSale, *, kind: str) -> str:
    """The same in the few words of a text message, without any link: links in them are feared."""
    words = in_language(papers.language)
    times = wording.when(event, words)
    subject = words.notices[kind].subject.format(event=_title(event))
    when = ". ".join(part for part in (f"{times.date}, {times.time}", times.doors) if part)
    return one_line(f"{subject}. {when}.", _TEXT_CHARS_MAX)


def letter_mail(letter: Letter) -> Written:
    """A mail for another service; raises `UnknownTemplate`."""
    words = in_language(letter.language)
    said = words.letters.get(letter.template)
    if said is None:
        raise UnknownTemplate(letter.template)
    code = letter.values.get("code", "")
    address = isolated(one_line(letter.values.get("address", ""), _LINE_CHARS_MAX))
    parts = Parts(
        heading=said.subject,
        hello=_hello(letter.values.get("name", ""), words),
        text=said.text.format(address=address),
        facts=(),
        rows=(),
        button=said.button,
        url=one_line(letter.values.get("link", ""), _ADDRESS_CHARS_MAX),
        after=(said.after,),
        footer=words.footer.format(code=one_line(code, _LINE_CHARS_MAX)) if code else "",
    )
    return _written(said.subject, parts, words, _NOBODY)


def _title(event: EventForSale) -> str:
    return one_line(event.title, wording.TITLE_CHARS_MAX)


def _facts(event: EventForSale, words: Words) -> tuple[tuple[str, ...], ...]:
    times = wording.when(event, words)
    venue = one_line(event.venue_name, wording.VENUE_CHARS_MAX)
    return (
        (f"{times.date}, {times.time}", times.doors, times.zone),
        (venue, *wording.address(event, words)),
    )


def _questions(event: EventForSale, words: Words) -> tuple[str, ...]:
    if not event.reply_to:
        return ()
    organiser = isolated(one_line(event.organisation_name, _LINE_CHARS_MAX))
    return (words.questions.format(organiser=organiser),)


def _hello(name: str, words: Words) -> str:
    known = one_line(name, _LINE_CHARS_MAX)
    return words.hello.format(name=isolated(known)) if known else words.hello_nobody


def _rows(papers: OrderPapers, event: EventForSale, words: Words) -> list[tuple[str, str]]:
    rows = [(_ticket_line(ticket), ticket.price) for ticket in papers.tickets]
    # What the order cost beyond its tickets is the fee for the order.
    fee = papers.total - sum(ticket.price for ticket in papers.tickets)
    if fee > 0:
        rows.append((one_line(event.order_fee.name, _LINE_CHARS_MAX), fee))
    tax = wording.amount(papers.tax, papers.currency, words)
    name = f"{words.total} ({words.tax.format(tax=tax)})" if papers.tax else words.total
    rows.append((name, papers.total))
    return [(name, wording.amount(minor, papers.currency, words)) for name, minor in rows]


def _ticket_line(ticket: IssuedTicket) -> str:
    parts = (ticket.label, ticket.attendee)
    return " · ".join(isolated(one) for part in parts if (one := one_line(part, _LINE_CHARS_MAX)))


def _about(event: EventForSale, subject: str, parts: Parts, words: Words) -> Written:
    name = one_line(event.organisation_name, _LINE_CHARS_MAX)
    named = one_line(subject.format(event=_title(event)), _SUBJECT_CHARS_MAX)
    return _written(named, parts, words, Branding(name=name, accent=event.accent))


def _written(subject: str, parts: Parts, words: Words, branding: Branding) -> Written:
    return Written(
        subject=subject,
        text=as_text(parts),
        html=as_html(parts, words.language, branding),
        language=words.language,
    )
