"""Which proxies stand between the clients and this process."""

import ipaddress
import re
from dataclasses import dataclass

from seatwright.kit.settings import Network

# Some proxies name the client's port as well: `1.2.3.4:5678`, `[2001:db8::1]:5678`.
_WITH_PORT = re.compile(r"([0-9.]+|\[[^\]]*\]):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Proxies:
    """
    Whose `X-Forwarded-…` is believed: this machine's, and that of `networks`.

    From anybody else such a header is a claim and means nothing.
    """

    networks: tuple[Network, ...] = ()

    def trust(self, address: str) -> bool:
        """Whether a proxy of ours has this address; '' is a socket in the file system."""
        try:
            found = plain(address)
        except ValueError:
            # A socket in the file system has no address, and only this machine can open it.
            return not address
        return found.is_loopback or any(found in network for network in self.networks)


def plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address without brackets and port, an IPv4 one as such; raises `ValueError`."""
    with_port = _WITH_PORT.fullmatch(text)
    found = ipaddress.ip_address((with_port[1] if with_port else text).strip("[]"))
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
