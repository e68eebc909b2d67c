"""Invented venues in real cities; addresses and houses do not exist."""

from dataclasses import dataclass
from typing import Literal

from seatwright.catalog.domain.charts.draft import ChartDraft
from seatwright.catalog.domain.demo.club import club
from seatwright.catalog.domain.demo.stadium import stadium
from seatwright.catalog.domain.demo.theatre import theatre

ChartKind = Literal["stadium", "theatre", "club"]


@dataclass(frozen=True, slots=True)
class DemoVenue:
    """A house: `country` is ISO 3166-1 alpha-2, `timezone` an IANA zone, position in degrees."""

    key: str
    name: str
    city: str
    country: str
    address: str
    lat: float
    lon: float
    timezone: str
    chart: ChartKind


_GENERATORS = {"stadium": stadium, "theatre": theatre, "club": club}


def chart_of(venue: DemoVenue) -> ChartDraft:
    """The venue's seat chart, ready to be published; 0.4 s for a stadium."""
    return _GENERATORS[venue.chart](venue.name)


VENUES = (
    DemoVenue("nordmeer", "Nordmeer Stadium", "Hamburg", "DE", "Am Hafenbecken 7, 20457 Hamburg",
              53.5405, 9.9990, "Europe/Berlin", "stadium"),
    DemoVenue("guanabara", "Estádio da Enseada", "Rio de Janeiro", "BR",
              "Avenida das Marés 900, Rio de Janeiro", -22.9068, -43.1729, "America/Sao_Paulo",
              "stadium"),
    DemoVenue("harbourside", "Harbourside Oval", "Sydney", "AU", "12 Ferry Parade, Sydney NSW",
              -33.8688, 151.2093, "Australia/Sydney", "stadium"),
    DemoVenue("kaisersaal", "Lindenhof Theater", "Vienna", "AT", "Lindenhofgasse 3, 1070 Wien",
              48.2028, 16.3440, "Europe/Vienna", "theatre"),
    DemoVenue("lanterne", "Théâtre de la Lanterne", "Paris", "FR",
              "18 rue des Réverbères, 75011 Paris", 48.8594, 2.3765, "Europe/Paris", "theatre"),
    DemoVenue("marlowe-yard", "Tallow Yard Theatre", "London", "GB", "4 Tallow Yard, London SE1",
              51.5045, -0.0982, "Europe/London", "theatre"),
    DemoVenue("halsted", "The Orchard Playhouse", "Chicago", "US", "2210 W Orchard St, Chicago IL",
              41.8914, -87.6805, "America/Chicago", "theatre"),
    DemoVenue("meridian", "Meridian Hall", "New York", "US", "77 Meridian Place, New York NY",
              40.7549, -73.9840, "America/New_York", "theatre"),
    DemoVenue("hoshizora", "Hoshizora Hall", "Tokyo", "JP", "3-14 Hoshizora, Setagaya, Tokyo",
              35.6464, 139.6533, "Asia/Tokyo", "theatre"),
    DemoVenue("marigold", "Marigold Natya Mandir", "Mumbai", "IN", "9 Marigold Road, Mumbai",
              19.0596, 72.8295, "Asia/Kolkata", "theatre"),
    DemoVenue("jacaranda", "Teatro Jacaranda", "Mexico City", "MX",
              "Calle de las Jacarandas 21, Ciudad de México", 19.4204, -99.1714,
              "America/Mexico_City", "theatre"),
    DemoVenue("kelp-street", "Kelp Street Theatre", "Cape Town", "ZA", "30 Kelp Street, Cape Town",
              -33.9258, 18.4232, "Africa/Johannesburg", "theatre"),
    DemoVenue("kabelhuis", "Kabelhuis", "Amsterdam", "NL", "Kabelkade 55, 1013 Amsterdam",
              52.3899, 4.8896, "Europe/Amsterdam", "club"),
    DemoVenue("hverinn", "Hverinn", "Reykjavík", "IS", "Gufugata 8, 101 Reykjavík",
              64.1466, -21.9426, "Atlantic/Reykjavik", "club"),
    DemoVenue("copper-spur", "The Copper Spur", "Nashville", "US", "1408 Spur Alley, Nashville TN",
              36.1590, -86.7780, "America/Chicago", "club"),
    DemoVenue("bada", "Bada Basement", "Seoul", "KR", "21 Padori-gil, Mapo-gu, Seoul",
              37.5563, 126.9236, "Asia/Seoul", "club"),
    DemoVenue("baobab", "Baobab Room", "Nairobi", "KE", "6 Baobab Lane, Nairobi",
              -1.2921, 36.8219, "Africa/Nairobi", "club"),
    DemoVenue("velvet-crow", "The Velvet Crow", "Dublin", "IE", "11 Crow Steps, Dublin 8",
              53.3398, -6.2774, "Europe/Dublin", "club"),
)  # fmt: skip
