"""TCP ports on this machine."""

import socket

from seatwright.run.engines.trouble import PortInUse

# What was given out here and may not be listened on yet: its user takes seconds to start.
_given: set[int] = set()


def free_port(host: str = "127.0.0.1") -> int:
    """
    A port nobody listens on now, and never the same one twice.

    Another program may take it before its user does: try again then.
    """
    while True:
        with socket.socket() as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether `port` can be listened on."""
    with socket.socket() as probe:
        # As every server does; otherwise connections of a past run in TIME_WAIT would refuse us.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def require_free(port: int) -> None:
    """Raise `PortInUse`, naming the remedy, unless `port` can be the web address."""
    if not is_free(port, "0.0.0.0"):  # noqa: S104  # nosec B104  # the gateway listens on every address
        raise PortInUse(
            f"Port {port}, wanted for the web address, is in use or not allowed.",
            remedy="Stop the program that listens there, or give another one with --port.",
        )
