"""Small rooms: a floor to stand on and a few tables."""

from datetime import time, timedelta

from seatwright.catalog.domain.demo import tariffs
from seatwright.catalog.domain.demo.events import DemoEvent

CLUB_NIGHTS = (
    DemoEvent(
        slug="tidal-voltage-amsterdam",
        title="Tidal Voltage",
        summary="Modular synthesis from two people and nine hundred cables.",
        description=(
            "Live electronics tuned to the height of the water in the canal outside. It rises "
            "at about eleven; so does everything else."
        ),
        kind="concert",
        venue="kabelhuis",
        tariff=tariffs.NETHERLANDS,
        starts_in_days=6,
        starts_at=time(22, 0),
        on_sale_in=timedelta(days=-21),
        duration=timedelta(hours=5),
        doors_before=timedelta(minutes=30),
        lineup=("Tidal Voltage", "Sluis", "Oscar van Laar (DJ set)"),
        colors=("#001219", "#0A9396", "#EE9B00"),
        style="waves",
        age_limit=18,
        sold_bp=8_400,
    ),
    DemoEvent(
        slug="steam-choir-reykjavik",
        title="The Steam Choir",
        summary="Sixteen voices, three geysers' worth of organ pipes.",
        description=(
            "The choir sings around you rather than in front. Standing is best; a few tables "
            "are kept for those who would rather listen sitting down."
        ),
        kind="concert",
        venue="hverinn",
        tariff=tariffs.ICELAND,
        starts_in_days=25,
        starts_at=time(20, 0),
        on_sale_in=timedelta(days=-3),
        duration=timedelta(hours=2),
        lineup=("Gufukórinn", "Sólrún Eldjárn, organ"),
        colors=("#212D40", "#7D98A1", "#F2E8CF"),
        style="rings",
        sold_bp=1_500,
    ),
    DemoEvent(
        slug="copper-spur-sessions-nashville",
        title="Copper Spur Sessions",
        summary="Six songwriters in a circle, one microphone.",
        description=(
            "No set list. Each writer plays one song and says where it came from; the next has "
            "to answer it. Recorded for nobody."
        ),
        kind="concert",
        venue="copper-spur",
        tariff=tariffs.TENNESSEE,
        starts_in_days=4,
        starts_at=time(19, 30),
        on_sale_in=timedelta(days=-18),
        lineup=("Lottie Crane", "Jedediah Moss", "Pearl Okafor", "and three more"),
        colors=("#432818", "#BB9457", "#FFE6A7"),
        style="rays",
        age_limit=21,
        sold_bp=6_600,
    ),
    DemoEvent(
        slug="bada-night-market-seoul",
        title="Bada Night Market",
        summary="City pop, cassette DJs and dumplings until the last train.",
        description=(
            "The basement becomes a market street for one night: eight stalls, two turntables "
            "and a house band that takes requests on paper slips."
        ),
        kind="festival",
        venue="bada",
        tariff=tariffs.KOREA,
        starts_in_days=13,
        starts_at=time(18, 0),
        on_sale_in=timedelta(hours=20),
        duration=timedelta(hours=5, minutes=30),
        lineup=("Hwang Sora & the Late Bus", "DJ Cassette Uncle"),
        colors=("#22223B", "#F28482", "#84A59D"),
        style="confetti",
        age_limit=19,
    ),
    DemoEvent(
        slug="laughing-baobab-nairobi",
        title="The Laughing Baobab",
        summary="Five comics, one microphone, house rules: nobody explains a joke.",
        description=(
            "The monthly night in English, Swahili and whatever the front tables speak. Arrive "
            "early for the kitchen. Sales are paused while the line-up is confirmed."
        ),
        kind="comedy",
        venue="baobab",
        tariff=tariffs.KENYA,
        starts_in_days=16,
        starts_at=time(20, 0),
        on_sale_in=timedelta(days=-7),
        lineup=("Wanjiku Otieno, host", "Brian Kamau", "Achieng Mwende"),
        colors=("#582F0E", "#B6AD90", "#F4D58D"),
        style="hills",
        age_limit=18,
        status="paused",
        sold_bp=2_500,
    ),
    DemoEvent(
        slug="crows-and-fiddles-dublin",
        title="Crows & Fiddles",
        summary="An all-Ireland fiddle contest decided by the loudest table.",
        description=(
            "Twelve fiddlers, four rounds, no judges. The winner takes home the crow. Every place "
            "went within the hour; whoever is late listens at the door."
        ),
        kind="sport",
        venue="velvet-crow",
        tariff=tariffs.IRELAND,
        starts_in_days=8,
        starts_at=time(20, 0),
        on_sale_in=timedelta(days=-45),
        lineup=("Twelve fiddlers", "Sadhbh Ní Riain, referee"),
        colors=("#081C15", "#2D6A4F", "#D8F3DC"),
        style="drapes",
        sold_bp=10_000,
    ),
    DemoEvent(
        slug="kabelhuis-quiz-amsterdam",
        title="The Unreasonably Long Pub Quiz",
        summary="Two hundred questions, tables of six, one very small trophy.",
        description=(
            "Book a lounge table for the whole team or come alone and be adopted on the floor. "
            "Questions in Dutch and English; telephones go into a bucket."
        ),
        kind="other",
        venue="kabelhuis",
        tariff=tariffs.NETHERLANDS,
        starts_in_days=20,
        starts_at=time(19, 0),
        on_sale_in=timedelta(days=-1),
        duration=timedelta(hours=4),
        lineup=("Quizmaster Machteld de Wit",),
        colors=("#1D3557", "#457B9D", "#E63946"),
        style="confetti",
        price_percent=60,
        seats_per_order_max=12,
        sold_bp=1_900,
    ),
)
