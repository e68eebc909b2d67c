"""German."""

from seatwright.delivery.domain.words.shape import LetterWords, Note, NoticeWords, Words

WORDS = Words(
    language="de",
    locale="de",
    date="Datum",
    venue="Ort",
    section="Block",
    row="Reihe",
    seat="Platz",
    place="Platz",
    order="Bestellung",
    name="Name",
    category="Kategorie",
    price="Preis",
    position="Ticket {number} von {count}",
    doors="Einlass ab {time} Uhr",
    doors_label="Einlass",
    doors_other_day="Einlass am {date} ab {time} Uhr",
    code_alt="Der Code des Tickets, wird am Einlass gescannt",
    terms=(
        "Gilt für eine Person und einen Einlass: Der erste Scan des Codes zählt, jede weitere "
        "Kopie wird abgewiesen. Bitte den Code niemandem zeigen."
    ),
    tickets_title="Tickets {code}",
    notes=(
        Note(
            "Am Einlass",
            "Zeigen Sie den Code auf Papier oder auf dem Telefon, je Person einen. Kommen Sie "
            "gern früh: Gleich nach der Öffnung sind die Schlangen am kürzesten.",
        ),
        Note(
            "Ihre Bestellung",
            "Auf Ihrer Bestellseite können Sie diese Tickets erneut herunterladen. Der Link steht "
            "in der Mail, mit der dieses Blatt kam.",
        ),
        Note(
            "Drucken",
            "Drucken Sie in voller Größe auf weißes Papier, Schwarz-Weiß genügt. An der "
            "gepunkteten Linie falten, Code nach außen.",
        ),
    ),
    hello="Guten Tag {name},",
    hello_nobody="Guten Tag,",
    mail_subject="Ihre Tickets: {event}",
    mail_text_one="vielen Dank für Ihre Bestellung. Ihr Ticket hängt an dieser Mail; wir freuen "
    "uns auf Sie.",
    mail_text_many="vielen Dank für Ihre Bestellung. Ihre {count} Tickets hängen an dieser Mail; "
    "wir freuen uns auf Sie.",
    mail_button="Bestellung öffnen",
    mail_button_hint="Dieser Link öffnet Ihre Bestellung ohne Passwort. Geben Sie ihn nicht "
    "weiter.",
    mail_attached="Im Anhang: alle Tickets als PDF, je eine Seite, und ein Kalendereintrag.",
    total="Gesamt",
    tax="darin {tax} Steuer",
    footer="Sie erhalten diese Mail, weil diese Adresse bei der Bestellung {code} angegeben wurde.",
    attendee_text="{buyer} hat ein Ticket für Sie. Es hängt an dieser Mail; wir freuen uns auf "
    "Sie.",
    attendee_attached="Im Anhang: Ihr Ticket als PDF und ein Kalendereintrag.",
    attendee_footer="Sie erhalten diese Mail, weil diese Adresse für ein Ticket der Bestellung "
    "{code} angegeben wurde.",
    questions="Fragen? Antworten Sie auf diese Mail: Sie erreicht {organiser}.",
    moving_title="Der Code ist auf Ihrem Telefon",
    moving_text="Öffnen Sie am Einlass Ihre Bestellseite. Ihr Code wechselt alle paar Sekunden, "
    "auch ohne Netz; dieses Blatt öffnet keinen Einlass.",
    notices={
        "reminder": NoticeWords(
            "Bald: {event}",
            "bald ist es so weit. Hier noch einmal, wann und wo; Ihre Tickets sind auf Ihrer "
            "Bestellseite.",
        ),
        "moved": NoticeWords(
            "Neuer Termin: {event}",
            "diese Veranstaltung hat einen neuen Termin, er steht unten. Vorgesehen war {before}. "
            "Ihre Tickets bleiben gültig, Sie müssen nichts tun.",
        ),
        "changed": NoticeWords(
            "Bitte beachten: {event}",
            "Ort oder Einlass dieser Veranstaltung haben sich geändert. Was jetzt gilt, steht "
            "unten. Ihre Tickets bleiben gültig.",
        ),
        "cancelled": NoticeWords(
            "Abgesagt: {event}",
            "es tut uns leid: Diese Veranstaltung findet nicht statt. Auf Ihrer Bestellseite "
            "steht, was mit Ihrem Geld geschieht.",
        ),
    },
    letters={
        "verify_email": LetterWords(
            subject="Bestätigen Sie Ihre E-Mail-Adresse",
            text="bitte bestätigen Sie, dass diese Adresse Ihnen gehört.",
            button="Adresse bestätigen",
            after="Sie haben sich nicht angemeldet? Dann geschieht nichts weiter, und Sie können "
            "diese Mail einfach liegen lassen.",
        ),
        "password_reset": LetterWords(
            subject="Neues Passwort wählen",
            text="jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto angefordert.",
            button="Neues Passwort wählen",
            after="Der Link gilt einmal und nur kurze Zeit. Waren Sie es nicht, bleibt Ihr "
            "Passwort, wie es ist.",
        ),
        "address_in_use": LetterWords(
            subject="Sie haben schon ein Konto",
            text="jemand, hoffentlich Sie, wollte sich mit dieser Adresse anmelden. Sie hat schon "
            "ein Konto, darum wurde kein neues angelegt.",
            button="Einloggen",
            after="Waren Sie es nicht, müssen Sie nichts weiter tun.",
        ),
        "email_changed": LetterWords(
            subject="Ihre E-Mail-Adresse wurde geändert",
            text="die Adresse Ihres Kontos wurde geändert. Diese Nachricht geht an die alte.",
            button="Neues Passwort wählen",
            after="Waren Sie es nicht, wählen Sie gleich ein neues Passwort: Das beendet alle "
            "Sitzungen.",
        ),
        "not_charged": LetterWords(
            subject="Ihre Bestellung wurde storniert, nichts wurde abgebucht",
            text="Ihre Bank hat die Zahlung für Ihre Bestellung am Ende nicht zugelassen, deshalb "
            "mussten wir sie stornieren. Es wurde nichts abgebucht; ein vorgemerkter Betrag wird "
            "wieder frei. Ihre Plätze sind wieder im Verkauf, die Tickets dieser Bestellung "
            "gelten nicht.",
            button="Plätze neu wählen",
            after="Möchten Sie trotzdem kommen? Bestellen Sie noch einmal, vielleicht mit einer "
            "anderen Karte, oder fragen Sie zuerst Ihre Bank.",
        ),
        "webhooks_off": LetterWords(
            subject="Ein Empfänger Ihrer Webhooks wurde abgeschaltet",
            text="drei Tage lang konnten wir ihm nichts zustellen, darum versuchen wir es nicht "
            "mehr: {address}. Was fehlt, steht in seinem Protokoll.",
            button="Zum Shop",
            after="Schalten Sie ihn über die API wieder ein, sobald er antwortet, und lassen Sie "
            "Fehlendes erneut senden.",
        ),
    },
)
