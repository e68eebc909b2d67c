"""
What people choose when they must choose something. Written by hand from habit, not a leak list.

Fifteen characters leave few of the famous short passwords; what remains of danger are these
words strung together, doubled, and decorated with digits and years.
"""

PHRASES: tuple[str, ...] = (
    "correcthorsebatterystaple",
    "maytheforcebewithyou",
    "tobeornottobe",
    "thequickbrownfox",
    "jumpsoverthelazydog",
    "loremipsumdolorsitamet",
    "letmeinplease",
    "opensesame",
    "iloveyousomuch",
    "thisismypassword",
    "mypasswordis",
    "nevergonnagiveyouup",
    "winteriscoming",
    "hakunamatata",
    "supercalifragilistic",
    "inthebeginning",
    "onceuponatime",
)

WORDS: tuple[str, ...] = (
    "password", "passwort", "passw", "kennwort", "geheim", "secret", "motdepasse", "contrasena",
    "senha", "parola", "wachtwoord", "haslo", "letmein", "welcome", "willkommen", "bienvenue",
    "admin", "administrator", "root", "user", "guest", "login", "test", "testing", "changeme",
    "default", "temp", "sample", "example", "demo", "master", "access", "qwerty", "qwertz",
    "azerty", "iloveyou", "ichliebedich", "loveyou", "sunshine", "princess", "prinzessin", "dragon",
    "monkey", "football", "fussball", "baseball", "basketball", "superman", "batman", "pokemon",
    "starwars", "shadow", "michael", "jennifer", "charlie", "schatz", "hallo", "hello", "world",
    "summer", "winter", "spring", "autumn", "sommer", "herbst", "monday", "friday", "january",
    "december", "liverpool", "arsenal", "chelsea", "barcelona", "bayern", "computer", "internet",
    "ticket", "tickets", "seatwright", "concert", "stadium", "google", "facebook", "whatever",
    "trustno", "abc", "asdf", "aaaa", "1q2w3e4r", "1q2w3e", "q1w2e3r4", "zaq1", "xsw2", "123",
)  # fmt: skip

# Neighbours on keyboards and in counting; a run of four or more says nothing.
ROWS: tuple[str, ...] = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiopü",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "oizeasgtb",
)
