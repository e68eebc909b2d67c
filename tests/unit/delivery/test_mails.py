"""Mails carry what they must, and nothing that somebody smuggled in."""

import re
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from seatwright.contracts.delivery import Letter
from seatwright.delivery.domain import mails
from seatwright.delivery.domain.colors import contrast, ink_on, sound
from seatwright.delivery.domain.words import languages
from tests.fakes.sold import a_ticket, an_event, some_papers

PUBLIC = "https://tickets.example"
NASTY = '<script>alert(1)</script>\r\nBcc: x@y.z {name} {0} %s & "quoted"'


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.seen


@pytest.mark.parametrize("language", languages())
def test_the_tickets_mail_links_to_the_order_with_its_secret_in_the_fragment(language: str) -> None:
    event = an_event()
    papers = some_papers(event, a_ticket(event, 1), a_ticket(event, 2), language=language)
    mail = mails.tickets_mail(papers, event, public=PUBLIC)
    url = f"{PUBLIC}/orders/{papers.code[:3]}-{papers.code[3:6]}-{papers.code[6:]}#hush-secret"
    (link,) = [attrs["href"] for tag, attrs in tags(mail.html) if tag == "a"]
    assert link == url
    assert url in mail.text
    assert "hush-secret" not in mail.subject
    assert event.title in mail.subject
    assert "Seat 2" in mail.text
    assert "{" not in mail.text
    assert mail.language == language


def test_nothing_in_a_mail_is_fetched_and_nothing_of_a_person_is_markup() -> None:
    event = an_event(title=NASTY, venue_name=NASTY)
    papers = some_papers(event, a_ticket(event, attendee=NASTY), buyer_name=NASTY)
    mail = mails.tickets_mail(papers, event, public=PUBLIC)
    assert "\r" not in mail.subject + mail.subject
    assert "\n" not in mail.subject
    kinds = {tag for tag, _ in tags(mail.html)}
    assert not kinds & {"script", "img", "link", "iframe", "object"}
    assert not any("src" in attrs or "onclick" in attrs for _, attrs in tags(mail.html))
    assert "url(" not in mail.html
    assert "@import" not in mail.html
    assert "{name}" in mail.text
    assert re.search(r"&lt;script&gt;", mail.html)


@pytest.mark.parametrize(
    "template",
    [
        "webhooks_off",
        "verify_email",
        "password_reset",
        "address_in_use",
        "email_changed",
        "not_charged",
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "xx"])
def test_letters_have_their_link_and_their_addressee(template: str, language: str) -> None:
    link = f"{PUBLIC}/account/x#token=abc&d"
    letter = Letter(
        template=template, to="a@b.example", language=language, values={"name": NASTY, "link": link}
    )
    mail = mails.letter_mail(letter)
    assert [attrs["href"] for tag, attrs in tags(mail.html) if tag == "a"] == [link]
    assert link in mail.text
    assert "token" not in mail.subject
    assert "{name}" in mail.text


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_a_letter_about_an_order_names_it(language: str) -> None:
    values = {"link": f"{PUBLIC}/events/e", "code": "KX7-QM3-9PA"}
    letter = Letter(template="not_charged", to="a@b.example", language=language, values=values)
    mail = mails.letter_mail(letter)
    assert "KX7-QM3-9PA" in mail.text
    assert "KX7-QM3-9PA" in mail.html


def test_a_letter_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(mails.UnknownTemplate):
        mails.letter_mail(Letter(template="spam", to="a@b.example", language="en", values={}))


def test_the_lines_add_up_to_the_total() -> None:
    event = an_event()
    papers = some_papers(event, a_ticket(event, 1), a_ticket(event, 2))
    text = mails.tickets_mail(papers, event, public=PUBLIC).text
    cents = [
        int(amount.replace(".", ""))
        for amount in re.findall(r": €(\d+\.\d\d)$", text, re.MULTILINE)
    ]
    *parts, total = cents
    assert sum(parts) == total == papers.total


def test_a_name_written_from_the_right_leaves_the_price_where_it_is() -> None:
    event = an_event()
    ticket = a_ticket(event, 1, attendee="محمد")
    papers = some_papers(event, ticket, buyer_name="محمد")
    mail = mails.tickets_mail(papers, event, public=PUBLIC)
    assert "\u2068محمد\u2069: €" in mail.text
    assert "\u2068محمد\u2069," in mail.text


@pytest.mark.parametrize("language", languages())
def test_a_mail_bears_the_organisers_name_and_colour(language: str) -> None:
    event = an_event(accent="#0B7285", reply_to="hello@nordlicht.example")
    mail = mails.tickets_mail(some_papers(event, language=language), event, public=PUBLIC)
    assert "#0b7285" in mail.html
    assert "Nordlicht Konzerte</div>" in mail.html
    assert "Nordlicht Konzerte" in mail.text


@pytest.mark.parametrize("accent", ["", "red", 'red" onload="x', "#12345", "#123456;x"])
def test_a_colour_that_is_none_is_not_used(accent: str) -> None:
    event = an_event(accent=accent)
    mail = mails.tickets_mail(some_papers(event), event, public=PUBLIC)
    assert sound(accent) == "#16181d"
    assert "onload" not in mail.html


READ_ON = ["#ffffff", "#ffd43b", "#3b5bdb", "#000000", "#0b7285", "#868e96"]


@pytest.mark.parametrize("accent", READ_ON)
def test_what_stands_on_a_colour_can_be_read(accent: str) -> None:
    assert contrast(ink_on(accent), accent) >= 4.5


@pytest.mark.parametrize("language", languages())
def test_an_attendees_mail_has_their_ticket_and_no_way_to_the_order(language: str) -> None:
    event = an_event(title=NASTY)
    ticket = a_ticket(event, 2, attendee="محمد", attendee_email="m@example.com")
    papers = some_papers(event, a_ticket(event, 1), ticket, language=language)
    mail = mails.attendee_mail(papers, event, ticket)
    assert "Seat 2" in mail.text
    assert "Seat 1" not in mail.text
    assert "\u2068محمد\u2069" in mail.text
    for secret in ("hush-secret", "/orders/", "89"):
        assert secret not in mail.text.replace(papers.code[:3], "")
    assert "href" not in mail.html
    assert re.search(r"&lt;script&gt;", mail.html)


@pytest.mark.parametrize("kind", ["reminder", "moved", "changed", "cancelled"])
@pytest.mark.parametrize("language", languages())
def test_a_notice_says_what_holds_now_and_what_held(language: str, kind: str) -> None:
    event = an_event()
    values = {"before": "2031-07-01T18:00:00+00:00"} if kind == "moved" else {}
    papers = some_papers(event, language=language)
    mail = mails.notice_mail(papers, event, kind=kind, values=values, public=PUBLIC)
    assert event.title in mail.subject
    assert "2031" in mail.text
    assert "20:00" in mail.text
    assert "{" not in mail.text + mail.subject
    assert "#hush-secret" in mail.text
    assert (mail.text.count("2031") == 2) == (kind == "moved")
