"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import available_timezones

_CONTINENTS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)


@cache
def _known() -> frozenset[str]:
    # Only places: `Etc/GMT+5` means the opposite of what people read, `posix/…` is a duplicate.
    return frozenset(
        name for name in available_timezones() if "/" in name and name.split("/")[0] in _CONTINENTS
    ) | {"UTC"}


def known_zone(name: str) -> bool:
    """Whether `name` is a place of the IANA database, such as Europe/Berlin, or UTC."""
    return name in _known()
