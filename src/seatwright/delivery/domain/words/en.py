"""English."""

from seatwright.delivery.domain.words.shape import LetterWords, Note, NoticeWords, Words

WORDS = Words(
    language="en",
    locale="en_GB",
    date="Date",
    venue="Venue",
    section="Section",
    row="Row",
    seat="Seat",
    place="Place",
    order="Order",
    name="Name",
    category="Category",
    price="Price",
    position="Ticket {number} of {count}",
    doors="Doors open at {time}",
    doors_label="Doors",
    doors_other_day="Doors open on {date}, {time}",
    code_alt="The ticket's code, to be scanned at the gate",
    terms=(
        "Admits one person, once: the first scan of this code counts, every copy after it is "
        "refused. Keep the code to yourself."
    ),
    tickets_title="Tickets {code}",
    notes=(
        Note(
            "At the gate",
            "Show the code on paper or on your phone, one for each person. Please come early: "
            "the queues are shortest right after doors open.",
        ),
        Note(
            "Your order",
            "These tickets can be downloaded again from your order page. Its link is in the mail "
            "that brought you this sheet.",
        ),
        Note(
            "Printing",
            "Print in full size on white paper; black and white is fine. Fold along the dotted "
            "line with the code outside.",
        ),
    ),
    hello="Hello {name},",
    hello_nobody="Hello,",
    mail_subject="Your tickets: {event}",
    mail_text_one="thank you for your order. Your ticket is attached; we look forward to seeing "
    "you.",
    mail_text_many="thank you for your order. Your {count} tickets are attached; we look forward "
    "to seeing you.",
    mail_button="Open my order",
    mail_button_hint="This link opens your order without a password. Keep it to yourself.",
    mail_attached="Attached: all tickets as a PDF, one page each, and a calendar entry.",
    total="Total",
    tax="including {tax} tax",
    footer="You get this mail because this address was given with order {code}.",
    attendee_text="{buyer} has a ticket for you. It is attached; we look forward to seeing you.",
    attendee_attached="Attached: your ticket as a PDF and a calendar entry.",
    attendee_footer="You get this mail because this address was given for a ticket of order "
    "{code}.",
    questions="Questions? Answer this mail: it reaches {organiser}.",
    moving_title="The code is on your phone",
    moving_text="Open your order page at the gate. Its code changes every few seconds and works "
    "without a network; this sheet opens no gate.",
    notices={
        "reminder": NoticeWords(
            "Soon: {event}",
            "it is almost time. Here is once more when and where; your tickets are on your order "
            "page.",
        ),
        "moved": NoticeWords(
            "New date: {event}",
            "this event has a new date, which you find below. It was to be {before}. Your tickets "
            "stay valid; you need not do anything.",
        ),
        "changed": NoticeWords(
            "Please note: {event}",
            "place or time of admission of this event have changed. What holds now is below. Your "
            "tickets stay valid.",
        ),
        "cancelled": NoticeWords(
            "Cancelled: {event}",
            "we are sorry: this event does not take place. Your order page says what becomes of "
            "your money.",
        ),
    },
    letters={
        "verify_email": LetterWords(
            subject="Confirm your e-mail address",
            text="please confirm that this address is yours.",
            button="Confirm my address",
            after="You did not sign up? Then nothing more will happen; just leave this mail be.",
        ),
        "password_reset": LetterWords(
            subject="Choose a new password",
            text="somebody, hopefully you, asked for a new password for your account.",
            button="Choose a new password",
            after="The link works once and for a short time. If it was not you, your password "
            "stays as it is.",
        ),
        "address_in_use": LetterWords(
            subject="You already have an account",
            text="somebody, hopefully you, tried to sign up with this address. It has an account "
            "already, so no new one was made.",
            button="Log in",
            after="If it was not you, there is nothing you need to do.",
        ),
        "email_changed": LetterWords(
            subject="Your e-mail address was changed",
            text="the address of your account was changed to another one. This mail goes to the "
            "old one.",
            button="Choose a new password",
            after="If it was not you, choose a new password at once: that ends every session.",
        ),
        "not_charged": LetterWords(
            subject="Your order was cancelled, and nothing was charged",
            text="your bank did not let us take the money for your order in the end, so we had to "
            "cancel it. Nothing was charged; an amount that your bank has set aside is released. "
            "Your seats are on sale again and the tickets of this order are not valid.",
            button="Choose seats again",
            after="Would you still like to come? Order again, with another card perhaps; or ask "
            "your bank first.",
        ),
        "webhooks_off": LetterWords(
            subject="A receiver of your webhooks has been switched off",
            text="we could not deliver to it for three days, so we have stopped trying: "
            "{address}. What was not delivered is in its log.",
            button="Open the shop",
            after="Switch it on again through the API when it is well, and replay what it missed.",
        ),
    },
)
