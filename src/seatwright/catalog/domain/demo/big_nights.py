"""Stadium nights and concert halls: where the rush is."""

from datetime import time, timedelta

from seatwright.catalog.domain.demo import tariffs
from seatwright.catalog.domain.demo.events import DemoEvent

BIG_NIGHTS = (
    DemoEvent(
        slug="aurora-line-hamburg",
        title="Aurora Line: The Longest Day Tour",
        summary="Three hours of widescreen pop as the sun goes down over the harbour.",
        description=(
            "Aurora Line bring the whole of their Longest Day production to Nordmeer Stadium: a "
            "forty-metre stage, a choir of two hundred voices from the city, and every song from "
            "the new album beside the ones everybody came to sing. The show begins in daylight "
            "and ends under ten thousand paper lanterns."
        ),
        kind="concert",
        venue="nordmeer",
        tariff=tariffs.GERMANY,
        starts_in_days=120,
        starts_at=time(19, 30),
        on_sale_in=timedelta(hours=-2),
        duration=timedelta(hours=3, minutes=30),
        doors_before=timedelta(hours=2, minutes=30),
        lineup=("Aurora Line", "Paper Cranes", "DJ Halyard"),
        colors=("#14213D", "#3D6FB6", "#FCA311"),
        style="rays",
        age_limit=6,
        sold_bp=1_200,
    ),
    DemoEvent(
        slug="mare-cheia-rio",
        title="Maré Cheia: Noite na Enseada",
        summary="The samba-rock eight-piece and their biggest night at home.",
        description=(
            "One night only. Maré Cheia return to the bay where they began on a borrowed "
            "generator, this time with a horn section, a float from the neighbourhood parade and "
            "guests they refuse to name. Bring shoes you can dance in until two."
        ),
        kind="concert",
        venue="guanabara",
        tariff=tariffs.BRAZIL,
        starts_in_days=75,
        starts_at=time(21, 0),
        on_sale_in=timedelta(minutes=5),
        duration=timedelta(hours=4),
        doors_before=timedelta(hours=3),
        lineup=("Maré Cheia", "Bloco do Farol", "Irmãs Tavares"),
        colors=("#0B3D2E", "#2A9D8F", "#F4A261"),
        style="waves",
        age_limit=16,
        seats_per_order_max=6,
    ),
    DemoEvent(
        slug="southern-lights-sydney",
        title="Southern Lights Festival",
        summary="Two stages, eleven acts and a sky full of kites.",
        description=(
            "The summer festival moves into the Oval: gates at noon, food from thirty kitchens, "
            "an afternoon for families and a night for everybody else. Seats are reserved, the "
            "grass is first come, first dance."
        ),
        kind="festival",
        venue="harbourside",
        tariff=tariffs.AUSTRALIA,
        starts_in_days=160,
        starts_at=time(13, 0),
        on_sale_in=timedelta(days=2),
        duration=timedelta(hours=9),
        doors_before=timedelta(hours=1),
        lineup=("The Tin Gulls", "Wattle & Wire", "Saltbush Radio", "Ama Delacroix", "Nine Mile"),
        colors=("#2B2D6E", "#8E44AD", "#F9C74F"),
        style="confetti",
    ),
    DemoEvent(
        slug="winterreise-in-colour-vienna",
        title="A Winter Journey in Colour",
        summary="Baritone, piano and a painter working live above the stage.",
        description=(
            "Twenty-four songs about walking away, sung by Matthias Oberrieder while the painter "
            "Ilse Krantz answers each of them on a seven-metre sheet of glass. There is no "
            "interval; the picture is washed off at the end."
        ),
        kind="classical",
        venue="kaisersaal",
        tariff=tariffs.AUSTRIA,
        starts_in_days=21,
        starts_at=time(19, 30),
        on_sale_in=timedelta(days=-60),
        duration=timedelta(hours=1, minutes=30),
        lineup=("Matthias Oberrieder, baritone", "Yuki Aldermann, piano", "Ilse Krantz, painter"),
        colors=("#1B1B2F", "#5C7AEA", "#E8E8E8"),
        style="rings",
        sold_bp=9_700,
    ),
    DemoEvent(
        slug="philharmonic-of-small-things-tokyo",
        title="Philharmonic of Small Things",
        summary="A full orchestra playing tea bowls, umbrellas and forty bicycles.",
        description=(
            "Composer Rin Asakawa writes for what is lying about. Her new symphony needs ninety "
            "players and no ordinary instrument at all, and it is the most beautiful noise you "
            "will hear this year. Children are welcome from the age of six."
        ),
        kind="classical",
        venue="hoshizora",
        tariff=tariffs.JAPAN,
        starts_in_days=45,
        starts_at=time(18, 30),
        on_sale_in=timedelta(days=-10),
        duration=timedelta(hours=2),
        doors_before=timedelta(minutes=45),
        lineup=("Rin Asakawa, direction", "Orchestra of Found Objects"),
        colors=("#3A0CA3", "#F72585", "#FFE5D9"),
        style="rings",
        age_limit=6,
        sold_bp=4_300,
    ),
    DemoEvent(
        slug="meridian-gala-new-york",
        title="The Meridian Gala",
        summary="Broadway voices, one orchestra, songs nobody has recorded yet.",
        description=(
            "Once a year the hall clears its stage for songs that were cut: forty numbers that "
            "fell out of famous shows before opening night, sung by the people who wish they had "
            "not. Hosted by Dorothea Quill."
        ),
        kind="concert",
        venue="meridian",
        tariff=tariffs.NEW_YORK,
        starts_in_days=33,
        starts_at=time(20, 0),
        on_sale_in=timedelta(days=-20),
        lineup=("Dorothea Quill, host", "The Meridian Orchestra", "Voices to be announced"),
        colors=("#2D0A31", "#C1121F", "#FDF0D5"),
        style="rays",
        sold_bp=6_100,
    ),
)
