"""French."""
# ruff: noqa: RUF001  # the apostrophe of French typography is meant

from seatwright.delivery.domain.words.shape import LetterWords, Note, NoticeWords, Words

WORDS = Words(
    language="fr",
    locale="fr",
    date="Date",
    venue="Lieu",
    section="Bloc",
    row="Rang",
    seat="Siège",
    place="Place",
    order="Commande",
    name="Nom",
    category="Catégorie",
    price="Prix",
    position="Billet {number} sur {count}",
    doors="Ouverture des portes à {time}",
    doors_label="Ouverture des portes",
    doors_other_day="Ouverture des portes le {date}, {time}",
    code_alt="Le code du billet, à scanner à l’entrée",
    terms=(
        "Valable pour une personne et une seule entrée : le premier scan du code compte, toute "
        "copie présentée ensuite est refusée. Gardez ce code pour vous."
    ),
    tickets_title="Billets {code}",
    notes=(
        Note(
            "À l’entrée",
            "Présentez le code sur papier ou sur votre téléphone, un par personne. Venez tôt : "
            "les files sont les plus courtes juste après l’ouverture.",
        ),
        Note(
            "Votre commande",
            "Vous pouvez télécharger à nouveau ces billets sur la page de votre commande. Son lien "
            "est dans le message qui accompagnait cette feuille.",
        ),
        Note(
            "Impression",
            "Imprimez en taille réelle sur papier blanc ; le noir et blanc suffit. Pliez le long "
            "des pointillés, code vers l’extérieur.",
        ),
    ),
    hello="Bonjour {name},",
    hello_nobody="Bonjour,",
    mail_subject="Vos billets : {event}",
    mail_text_one="merci pour votre commande. Votre billet est joint à ce message ; au plaisir "
    "de vous accueillir.",
    mail_text_many="merci pour votre commande. Vos {count} billets sont joints à ce message ; au "
    "plaisir de vous accueillir.",
    mail_button="Ouvrir ma commande",
    mail_button_hint="Ce lien ouvre votre commande sans mot de passe. Gardez-le pour vous.",
    mail_attached="En pièces jointes : tous les billets en PDF, une page chacun, et une entrée "
    "d’agenda.",
    total="Total",
    tax="dont {tax} de taxe",
    footer="Vous recevez ce message parce que cette adresse accompagne la commande {code}.",
    attendee_text="{buyer} a un billet pour vous. Il est joint à ce message ; au plaisir de vous "
    "accueillir.",
    attendee_attached="En pièces jointes : votre billet en PDF et une entrée d’agenda.",
    attendee_footer="Vous recevez ce message parce que cette adresse accompagne un billet de la "
    "commande {code}.",
    questions="Des questions ? Répondez à ce message : il parvient à {organiser}.",
    moving_title="Le code est sur votre téléphone",
    moving_text="À l’entrée, ouvrez la page de votre commande. Son code change toutes les quelques "
    "secondes, même sans réseau ; cette feuille n’ouvre aucune porte.",
    notices={
        "reminder": NoticeWords(
            "Bientôt : {event}",
            "c’est bientôt. Voici encore une fois la date et le lieu ; vos billets sont sur la "
            "page de votre commande.",
        ),
        "moved": NoticeWords(
            "Nouvelle date : {event}",
            "cet événement a une nouvelle date, indiquée ci-dessous. Il était prévu {before}. Vos "
            "billets restent valables, vous n’avez rien à faire.",
        ),
        "changed": NoticeWords(
            "À noter : {event}",
            "le lieu ou l’ouverture des portes de cet événement ont changé. Ce qui vaut désormais "
            "est ci-dessous. Vos billets restent valables.",
        ),
        "cancelled": NoticeWords(
            "Annulé : {event}",
            "nous sommes désolés : cet événement n’aura pas lieu. La page de votre commande dit ce "
            "que devient votre argent.",
        ),
    },
    letters={
        "verify_email": LetterWords(
            subject="Confirmez votre adresse e-mail",
            text="merci de confirmer que cette adresse est la vôtre.",
            button="Confirmer mon adresse",
            after="Vous ne vous êtes pas inscrit ? Il ne se passera rien de plus.",
        ),
        "password_reset": LetterWords(
            subject="Choisissez un nouveau mot de passe",
            text="quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour votre compte.",
            button="Choisir un mot de passe",
            after="Le lien sert une seule fois et peu de temps. Si ce n’était pas vous, votre mot "
            "de passe reste inchangé.",
        ),
        "address_in_use": LetterWords(
            subject="Vous avez déjà un compte",
            text="quelqu’un, vous sans doute, a voulu s’inscrire avec cette adresse. Elle a déjà "
            "un compte, aucun autre n’a été créé.",
            button="Se connecter",
            after="Si ce n’était pas vous, vous n’avez rien à faire.",
        ),
        "email_changed": LetterWords(
            subject="Votre adresse e-mail a été modifiée",
            text="l’adresse de votre compte a été modifiée. Ce message part à l’ancienne.",
            button="Choisir un nouveau mot de passe",
            after="Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe.",
        ),
        "not_charged": LetterWords(
            subject="Votre commande est annulée, rien n’a été débité",
            text="votre banque n’a finalement pas accepté le paiement de votre commande, nous "
            "avons donc dû l’annuler. Rien n’a été débité ; un montant réservé est libéré. Vos "
            "places sont de nouveau en vente et les billets de cette commande ne sont pas "
            "valables.",
            button="Choisir de nouveau des places",
            after="Vous souhaitez toujours venir ? Commandez de nouveau, peut-être avec une autre "
            "carte, ou demandez d’abord à votre banque.",
        ),
        "webhooks_off": LetterWords(
            subject="Un destinataire de vos webhooks a été désactivé",
            text="pendant trois jours, rien n’a pu lui être livré, nous avons donc cessé "
            "d’essayer : {address}. Son journal dit ce qui manque.",
            button="Ouvrir la boutique",
            after="Réactivez-le par l’API dès qu’il répond, puis renvoyez ce qui lui manque.",
        ),
    },
)
