"""The printed ticket, read back: its words by a PDF reader, its code by a scanner."""

import io
import re
from collections.abc import Iterator

import pypdf
import pytest
import typst

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import OrderPapers
from seatwright.delivery.adapters import code_pictures, typesetting
from seatwright.delivery.adapters.typesetting import Press, fonts
from seatwright.delivery.domain import sheets
from seatwright.delivery.domain.words import in_language, languages
from seatwright.kit.signing import Keyring
from tests.fakes.sold import a_ticket, an_event, some_papers
from tests.unit.delivery import pictures

KEYS = Keyring(b"k" * 32)
POINTS_A_MM = 72 / 25.4


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    warm = Press(fonts())
    yield warm
    warm.close()


def code(event: EventForSale, ticket: object) -> str:
    return ticket_codes.sign(KEYS, ticket_codes.of(ticket, ends_at=event.ends_at))  # type: ignore[arg-type]


def a_sheet(papers: OrderPapers, event: EventForSale) -> sheets.Sheet:
    drawn = [(ticket, code_pictures.svg(code(event, ticket))) for ticket in papers.tickets]
    return sheets.sheet(papers, event, drawn, in_language(papers.language))


def pages(pdf: bytes) -> list[str]:
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    # A narrow column breaks lines where it likes, and breaks are not what is tested here.
    return [re.sub(r"\s+", " ", text.replace("\u200b", "")) for text in texts]


@pytest.mark.parametrize("language", languages())
def test_a_page_a_ticket_with_everything_on_it(press: Press, language: str) -> None:
    event = an_event()
    papers = some_papers(event, a_ticket(event, 7), a_ticket(event, 8), language=language)
    one, two = pages(press.pdf(a_sheet(papers, event)))
    shown = f"{papers.code[:3]}-{papers.code[3:6]}-{papers.code[6:]}"
    place = ("Stadion am Fluss", "Uferstraße 12", "Block L12", "14", "Category 1")
    common = ("The Midnight Orchestra", "20:00", "18:30", "Europe/Berlin", "Ada Lovelace", shown)
    for text, seat in ((one, "7"), (two, "8")):
        for part in (*common, *place, seat):
            assert part in text, part
        assert "89" in text
    assert papers.tickets[0].id in one
    assert papers.tickets[1].id in two


# Pairs of capitals that stand closer or further apart than others, in spaced text most of all.
ORGANISERS = ["Nordlicht Konzerte", "Kultur Fjord AVAT Tylo Wave", "Låt Työväen Vågen LTVAWYP"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("organiser", ORGANISERS)
def test_small_capitals_are_words_to_whoever_reads_the_text_alone(
    press: Press, language: str, organiser: str
) -> None:
    event = an_event(organisation_name=organiser)
    sheet = a_sheet(some_papers(event, a_ticket(event), language=language), event)
    text = pages(press.pdf(sheet))[0]
    labels, ticket = sheet.labels, sheet.tickets[0]
    names = (labels.date, labels.venue, labels.order, labels.name, labels.category, labels.price)
    for name in (*names, organiser, ticket.position, *(box.name for box in ticket.places)):
        assert name.upper() in text


def test_the_code_on_the_page_is_the_tickets(press: Press) -> None:
    event = an_event()
    papers = some_papers(event, a_ticket(event, 7), a_ticket(event, 8))
    for picture, ticket in zip(press.pictures(a_sheet(papers, event)), papers.tickets, strict=True):
        assert pictures.codes(picture) == [code(event, ticket)]


def test_the_code_on_a_screen_is_the_tickets() -> None:
    event = an_event()
    text = code(event, a_ticket(event))
    png = code_pictures.png(text)
    assert pictures.codes(png) == [text]
    rows = pictures.grey(png)
    quiet = code_pictures.QUIET_MODULES * code_pictures.PNG_PIXELS_A_MODULE
    assert all(set(row) == {255} for row in rows[:quiet] + rows[-quiet:])
    assert all(set(row[:quiet] + row[-quiet:]) == {255} for row in rows)


def test_the_code_is_large_enough_for_a_tired_scanner(press: Press) -> None:
    event = an_event()
    papers = some_papers(event)
    rows = pictures.grey(press.pictures(a_sheet(papers, event))[0])
    pixels_a_mm = len(rows[0]) / 210
    top = rows[: int(110 * pixels_a_mm)]
    # Right of the tear-off line, the finder patterns are the outermost black.
    stub = int(145 * pixels_a_mm)
    dark = [x for row in top for x, shade in enumerate(row[stub:]) if shade < 20]
    assert (max(dark) - min(dark)) / pixels_a_mm >= 35


MARKUP = [
    '#panic("set as markup")',
    '#read("/etc/passwd")',
    "$integral$ *bold* _it_ `raw` <label> @ref ~ \\u{41} // gone /* gone */",
    '"]) #include "x.typ" #let sheet = none',
    "= Heading",
    "#{ while true {} }",
]


@pytest.mark.parametrize("typed", MARKUP)
def test_what_people_type_is_text_and_never_markup(press: Press, typed: str) -> None:
    event = an_event(title=typed, venue_name=typed, organisation_name=typed[:30])
    ticket = a_ticket(event, attendee=typed, section=typed[:40])
    text = pages(press.pdf(a_sheet(some_papers(event, ticket), event)))[0]
    assert typed.replace(" ", "") in text.replace(" ", "")


SCRIPTS = [
    "山田太郎 東京ドーム",
    "שלום עולם",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "🎭🎟️👩\u200d👩\u200d👧 🏳️\u200d🌈",
    "≈ç√∫µ≤",
    "\u202eevil\u202c \x00\x07",
    "\ufffe\uffff",
    "é" * 400,
    "W" * 400,
    "",
    " ",
    "\u200b" * 50,
    "Z\u0336\u0327a\u0337l\u0335g\u0338o\u0334" * 20,
]


@pytest.mark.parametrize("typed", SCRIPTS)
def test_every_script_prints_without_a_crash(press: Press, typed: str) -> None:
    event = an_event(title=typed, venue_name=typed, venue_address=typed, organisation_name=typed)
    ticket = a_ticket(
        event, attendee=typed, section=typed, row=typed, seat_label=typed, label=typed,
        category=typed,
    )  # fmt: skip
    papers = some_papers(event, ticket, buyer_name=typed)
    assert len(pages(press.pdf(a_sheet(papers, event)))) == 1


NAMES = [
    "Ľubomír Œuvre", "½ № ★ ♿", "Дмитрий Ω", "שלום", "مرحبا", "नमस्ते", "ქართული",
    "山田太郎", "東京ドーム ライトスタンド", "김민수 서울", "陳大文 臺北", "张伟 上海体育场",
    "🎸 Rock 👩\u200d👩\u200d👧 Night 🏳️\u200d🌈", "🎭",
]  # fmt: skip


@pytest.mark.parametrize("typed", NAMES)
def test_a_name_is_printed_and_not_boxed_also_where_no_font_is_installed(typed: str) -> None:
    bundled = typst.Fonts(include_system_fonts=False, font_paths=[typesetting.EAST_ASIAN])
    press = Press(bundled)
    try:
        event = an_event(title=typed)
        press.pdf(a_sheet(some_papers(event, a_ticket(event, attendee=typed)), event))
        # This standard allows no sign that the fonts lack, and the compiler refuses it by name.
        press._compiler.compile(format="pdf", pdf_standards=["a-2b"])
    finally:
        press.close()


def test_places_without_rows_have_boxes_for_what_they_have() -> None:
    event, words = an_event(), in_language("en")
    standing = a_ticket(event, section="Pitch", row="", seat_label="1204")
    assert [(b.name, b.value) for b in sheets.places(standing, words)] == [
        ("Section", "Pitch"),
        ("Place", "1204"),
    ]
    nowhere = a_ticket(event, section="", row="", seat_label="", label="")
    assert [b.value for b in sheets.places(nowhere, words)] == ["-"]


def test_a_colour_that_is_none_becomes_the_default(press: Press) -> None:
    event = an_event(categories=())
    ticket = a_ticket(event, category='red"); #panic()')
    sheet = a_sheet(some_papers(event, ticket), event)
    assert sheet.tickets[0].color == "#444b57"
    assert len(pages(press.pdf(sheet))) == 1
