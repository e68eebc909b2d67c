"""The whole programme: twenty events, the one to watch first."""

from seatwright.catalog.domain.demo.big_nights import BIG_NIGHTS
from seatwright.catalog.domain.demo.club_nights import CLUB_NIGHTS
from seatwright.catalog.domain.demo.events import DemoEvent
from seatwright.catalog.domain.demo.stages import STAGES

PROGRAMME: tuple[DemoEvent, ...] = (*BIG_NIGHTS, *STAGES, *CLUB_NIGHTS)
