"""Theatre, comedy and families."""

from datetime import time, timedelta

from seatwright.catalog.domain.demo import tariffs
from seatwright.catalog.domain.demo.events import DemoEvent

STAGES = (
    DemoEvent(
        slug="le-veilleur-paris",
        title="Le Veilleur de nuit",
        summary="A lighthouse, a radio and the longest shift of the year.",
        description=(
            "In French with English surtitles. Élodie Marchetti's play follows one night watchman "
            "from dusk to dawn, in real time on stage, while the storm outside takes the rest of "
            "the coast off the air one station at a time."
        ),
        kind="theatre",
        venue="lanterne",
        tariff=tariffs.FRANCE,
        starts_in_days=9,
        starts_at=time(20, 30),
        on_sale_in=timedelta(days=-40),
        duration=timedelta(hours=1, minutes=50),
        doors_before=timedelta(minutes=45),
        lineup=("Bastien Corvaisier", "Noémie Larrieu", "directed by Élodie Marchetti"),
        colors=("#0D1B2A", "#1B4965", "#FFD166"),
        style="waves",
        age_limit=12,
        sold_bp=7_800,
    ),
    DemoEvent(
        slug="the-understudies-london",
        title="The Understudies",
        summary="Everyone who was never meant to go on goes on. A farce in real trouble.",
        description=(
            "The leads are stuck on a train, the director is in hiding, and six understudies "
            "have learnt five different plays. A comedy of doors, wigs and a borrowed goose."
        ),
        kind="theatre",
        venue="marlowe-yard",
        tariff=tariffs.BRITAIN,
        starts_in_days=14,
        starts_at=time(19, 30),
        on_sale_in=timedelta(days=-30),
        duration=timedelta(hours=2, minutes=40),
        doors_before=timedelta(minutes=45),
        lineup=("Winifred Askew", "Tobias Penhallow", "Grace Oduya", "a goose"),
        colors=("#3B0D11", "#9E2A2B", "#FFF3B0"),
        style="drapes",
        sold_bp=3_500,
    ),
    DemoEvent(
        slug="grain-elevator-chicago",
        title="Grain Elevator",
        summary="A new musical about the loudest building on the river.",
        description=(
            "Three generations of the Kowalczyk family work the same elevator until the day it "
            "stops. Steel drums, a brass band and a set that really moves eleven tons of wheat."
        ),
        kind="theatre",
        venue="halsted",
        tariff=tariffs.CHICAGO,
        starts_in_days=40,
        starts_at=time(19, 0),
        on_sale_in=timedelta(days=-5),
        lineup=("Marguerite Doyle", "Andre Whitlock", "The River Brass"),
        colors=("#4A2C2A", "#D4A373", "#E9C46A"),
        style="drapes",
        sold_bp=2_100,
    ),
    DemoEvent(
        slug="monsoon-stories-mumbai",
        title="Monsoon Stories",
        summary="Dance theatre for forty dancers and a great deal of real rain.",
        description=(
            "Choreographer Anjali Deshmukh turns the season into an evening: markets under "
            "tarpaulins, trains that do not come, a wedding that goes ahead regardless. The first "
            "two rows are given ponchos."
        ),
        kind="theatre",
        venue="marigold",
        tariff=tariffs.INDIA,
        starts_in_days=28,
        starts_at=time(19, 0),
        on_sale_in=timedelta(hours=-30),
        duration=timedelta(hours=2, minutes=15),
        lineup=("Anjali Deshmukh Company", "Percussion Collective Dharavi"),
        colors=("#132A13", "#4F772D", "#ECF39E"),
        style="waves",
        price_percent=60,
        sold_bp=900,
    ),
    DemoEvent(
        slug="el-gran-despiste-mexico",
        title="El Gran Despiste",
        summary="Stand-up from the man who forgot his own tour.",
        description=(
            "Rogelio Zamarripa has lost his notes, his luggage and, for a while, Guadalajara. He "
            "found ninety minutes of new material on the way. In Spanish."
        ),
        kind="comedy",
        venue="jacaranda",
        tariff=tariffs.MEXICO,
        starts_in_days=18,
        starts_at=time(21, 0),
        on_sale_in=timedelta(days=-12),
        duration=timedelta(hours=1, minutes=40),
        lineup=("Rogelio Zamarripa", "Perla Icaza (opening)"),
        colors=("#5A189A", "#C77DFF", "#FFCB69"),
        style="confetti",
        age_limit=18,
        price_percent=55,
        sold_bp=5_200,
    ),
    DemoEvent(
        slug="the-whale-who-hummed-cape-town",
        title="The Whale Who Hummed",
        summary="Puppets as large as buses, for everybody over four.",
        description=(
            "Forty minutes, a pause for biscuits, forty more. A small girl follows a very large "
            "sound along the coast. A relaxed performance: come and go as you need, the lights "
            "stay half up, and nothing bangs."
        ),
        kind="family",
        venue="kelp-street",
        tariff=tariffs.SOUTH_AFRICA,
        starts_in_days=52,
        starts_at=time(10, 30),
        on_sale_in=timedelta(days=6),
        duration=timedelta(hours=1, minutes=35),
        doors_before=timedelta(minutes=40),
        lineup=("Kelp Street Puppet Workshop",),
        colors=("#03395E", "#0077B6", "#FFB703"),
        style="hills",
        price_percent=40,
        age_limit=4,
        seats_per_order_max=12,
    ),
    DemoEvent(
        slug="the-lamp-inspectors-london",
        title="The Lamp Inspectors",
        summary="An inquiry into who keeps switching off the moon. Cancelled.",
        description=(
            "Two civil servants, one ladder, no budget. This performance cannot take place "
            "because of works in the house; everybody who bought a ticket is refunded in full."
        ),
        kind="family",
        venue="marlowe-yard",
        tariff=tariffs.BRITAIN,
        starts_in_days=11,
        starts_at=time(14, 0),
        on_sale_in=timedelta(days=-35),
        duration=timedelta(hours=1, minutes=20),
        lineup=("Ffion Prothero", "Kit Balogun"),
        colors=("#10002B", "#3C096C", "#E0AAFF"),
        style="hills",
        price_percent=45,
        status="cancelled",
    ),
)
