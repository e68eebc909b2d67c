"""
What a mail says, in HTML and in plain text, before anything is sent.

HTML is made from blocks whose texts are escaped in one place; nothing in it is fetched from
anywhere, and no text of a person is ever a format string.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.delivery import Letter
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.delivery.domain import wording
from seatwright.delivery.domain.text import isolated, one_line
from seatwright.delivery.domain.words import Words, in_language

_SUBJECT_CHARS_MAX = 120
_LINE_CHARS_MAX = 200
_ADDRESS_CHARS_MAX = 2000


class UnknownTemplate(ValueError):  # noqa: N818  # named by what is so
    """A letter asked for words that delivery does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail's words; `subject` is one line of printable signs."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What both forms of a mail are made of, in reading order."""

    heading: str
    hello: str
    text: str
    facts: Sequence[tuple[str, ...]]
    rows: Sequence[tuple[str, str]]
    button: str
    url: str
    after: Sequence[str]
    footer: str


def order_url(public: str, papers: OrderPapers) -> str:
    """The order page; the secret is in the fragment, which no server and no log ever sees."""
    return f"{public}/orders/{wording.dashed(papers.code)}#{papers.secret}"


def tickets_mail(papers: OrderPapers, event: EventForSale, *, public: str) -> Written:
    """The mail that brings an order's tickets."""
    words = in_language(papers.language)
    times = wording.when(event, words)
    title = one_line(event.title, wording.TITLE_CHARS_MAX)
    count = len(papers.tickets)
    text = words.mail_text_one if count == 1 else words.mail_text_many.format(count=count)
    parts = _Parts(
        heading=title,
        hello=_hello(papers.buyer_name, words),
        text=text,
        facts=(
            (f"{times.date}, {times.time}", times.doors, times.zone),
            (one_line(event.venue_name, wording.VENUE_CHARS_MAX), *wording.address(event, words)),
        ),
        rows=_rows(papers, event, words),
        button=words.mail_button,
        url=order_url(public, papers),
        after=(words.mail_button_hint, words.mail_attached),
        footer=words.footer.format(code=wording.dashed(papers.code)),
    )
    subject = one_line(words.mail_subject.format(event=title), _SUBJECT_CHARS_MAX)
    return _written(subject, parts, words)


def letter_mail(letter: Letter) -> Written:
    """A mail for another service; raises `UnknownTemplate`."""
    words = in_language(letter.language)
    said = words.letters.get(letter.template)
    if said is None:
        raise UnknownTemplate(letter.template)
    code = letter.values.get("code", "")
    parts = _Parts(
        heading=said.subject,
        hello=_hello(letter.values.get("name", ""), words),
        text=said.text,
        facts=(),
        rows=(),
        button=said.button,
        url=one_line(letter.values.get("link", ""), _ADDRESS_CHARS_MAX),
        after=(said.after,),
        footer=words.footer.format(code=one_line(code, _LINE_CHARS_MAX)) if code else "",
    )
    return _written(said.subject, parts, words)


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


def _written(subject: str, parts: _Parts, words: Words) -> Written:
    return Written(
        subject=subject,
        text=_as_text(parts),
        html=_as_html(parts, words.language),
        language=words.language,
    )


def _as_text(parts: _Parts) -> str:
    blocks = [parts.heading, parts.hello, parts.text]
    blocks += ["\n".join(line for line in fact if line) for fact in parts.facts]
    if parts.rows:
        blocks.append("\n".join(f"{name}: {value}" for name, value in parts.rows))
    if parts.url:
        blocks.append(f"{parts.button}:\n{parts.url}")
    blocks += [line for line in (*parts.after, parts.footer) if line]
    return "\n\n".join(blocks) + "\n"


_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{heading}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f5f7;color:#16181d;{font}">
<table role="presentation" align="center" cellpadding="0" cellspacing="0" width="100%" \
style="max-width:560px;margin:0 auto;background:#ffffff;border-radius:12px">
<tr><td style="padding:32px 28px;font-size:16px;line-height:1.5;color:#16181d">
{body}
</td></tr></table>
</body></html>
"""


def _as_html(parts: _Parts, language: str) -> str:
    body = [
        f'<h1 style="margin:0 0 20px;font-size:24px;line-height:1.25">{escape(parts.heading)}</h1>',
        _paragraph(parts.hello),
        _paragraph(parts.text),
        *(_fact(fact) for fact in parts.facts),
        _table(parts.rows) if parts.rows else "",
        _button(parts.button, parts.url) if parts.url else "",
        *(_paragraph(line, small=True) for line in (*parts.after, parts.footer) if line),
    ]
    return _PAGE.format(
        language=language,
        heading=escape(parts.heading),
        font=_FONT,
        body="\n".join(block for block in body if block),
    )


def _paragraph(words: str, *, small: bool = False) -> str:
    style = "font-size:13px;color:#5c6470;margin:0 0 10px" if small else "margin:0 0 16px"
    return f'<p style="{style}">{escape(words)}</p>'


def _fact(lines: Sequence[str]) -> str:
    first, *rest = (escape(line) for line in lines if line)
    below = "".join(f"<br>{line}" for line in rest)
    return f'<p style="margin:0 0 16px"><strong>{first}</strong>{below}</p>'


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cell = "padding:8px 0;border-top:1px solid #e3e6ea;vertical-align:top"
    lines = "".join(
        f'<tr><td style="{cell}">{escape(name)}</td>'
        f'<td align="right" style="{cell};white-space:nowrap;padding-left:12px">{escape(value)}'
        "</td></tr>"
        for name, value in rows
    )
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        f'style="margin:0 0 20px;font-size:15px">{lines}</table>'
    )


def _button(name: str, url: str) -> str:
    style = (
        "display:inline-block;padding:13px 24px;background:#16181d;color:#ffffff;"
        "border-radius:8px;text-decoration:none;font-weight:600"
    )
    link = f'<a href="{escape(url)}" style="{style}">{escape(name)}</a>'
    return f'<p style="margin:4px 0 24px">{link}</p>'
