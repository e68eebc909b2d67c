"""What every language must be able to say."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A short advice below the ticket."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWords:
    """A mail that is not about an order; `{name}` may stand in any of them."""

    subject: str
    text: str
    button: str
    after: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A mail about the event; `{event}` may stand in the subject, `{before}` in the text."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`locale` is the CLDR locale that writes dates and money; `language` the tag of the texts."""

    language: str
    locale: str
    # on the ticket
    date: str
    venue: str
    section: str
    row: str
    seat: str
    place: str
    order: str
    name: str
    category: str
    price: str
    position: str
    doors: str
    doors_label: str
    doors_other_day: str
    code_alt: str
    terms: str
    tickets_title: str
    notes: tuple[Note, Note, Note]
    # in the order's mail
    hello: str
    hello_nobody: str
    mail_subject: str
    mail_text_one: str
    mail_text_many: str
    mail_button: str
    mail_button_hint: str
    mail_attached: str
    total: str
    tax: str
    footer: str
    # in the mail to one attendee
    attendee_text: str
    attendee_attached: str
    attendee_footer: str
    # below mails of an organiser who can be answered
    questions: str
    # where the code moves, and paper cannot show it
    moving_title: str
    moving_text: str
    # mails about the event: reminder, moved, changed, cancelled
    notices: Mapping[str, NoticeWords]
    # other mails, by template
    letters: Mapping[str, LetterWords]
