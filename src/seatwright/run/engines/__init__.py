"""
Engines from wheels, held by a supervisor on a pipe.

Begin at `embedded.Engines`; `lifeline.Command` is how anything else joins the same supervisor.
"""

from seatwright.run.engines.addresses import Addresses, External
from seatwright.run.engines.embedded import Engines
from seatwright.run.engines.lifeline import (
    STAGE_ENGINE,
    STAGE_GATEWAY,
    STAGE_SERVICE,
    Command,
    Death,
    Lifeline,
    Restart,
)
from seatwright.run.engines.trouble import (
    EngineTrouble,
    FolderInUse,
    PortInUse,
    UnsafeEngine,
    WrongVersion,
)

__all__ = [
    "STAGE_ENGINE",
    "STAGE_GATEWAY",
    "STAGE_SERVICE",
    "Addresses",
    "Command",
    "Death",
    "EngineTrouble",
    "Engines",
    "External",
    "FolderInUse",
    "Lifeline",
    "PortInUse",
    "Restart",
    "UnsafeEngine",
    "WrongVersion",
]
