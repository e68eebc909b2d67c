"""What a person is told when an engine or its folder is not as it should be."""

from seatwright.kit import errors


class EngineTrouble(errors.Expected):
    """
    An engine cannot be started, or is gone.

    `sentence` says what is wrong, `remedy` what to do about it, `str()` both.
    """

    code = "engine_trouble"
    title = "An engine does not run"

    def __init__(self, detail: str, *, remedy: str) -> None:
        super().__init__(f"{detail} {remedy}")
        self.sentence = detail
        self.remedy = remedy


class FolderInUse(EngineTrouble):
    """Another program has these engines running on the same data folder."""

    code = "data_folder_in_use"
    title = "The data folder is in use"


class PortInUse(EngineTrouble):
    """Somebody else listens at the web address that was asked for."""

    code = "port_in_use"
    title = "The port is in use"


class UnsafeEngine(EngineTrouble):
    """An engine that was given to us is away, or would lose what it acknowledged."""

    code = "unsafe_engine"
    title = "An engine is not safe for sales"


class WrongVersion(EngineTrouble):
    """A binary is not the version this release was tried with."""

    code = "engine_version"
    title = "Another version than expected"
