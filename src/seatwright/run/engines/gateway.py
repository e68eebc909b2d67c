"""What the gateway should do, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Nothing a client may send is larger, but for charts that organisers upload.
BODY_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    Requests to one service.

    `paths` are Caddy path patterns (`/v1/orders`, `/v1/orders/*`); `upstreams` are `host:port`,
    one a process. Routes are tried in their order, so the narrow ones come first.
    """

    name: str
    paths: Sequence[str]
    upstreams: Sequence[str]
    body_bytes_max: int = BODY_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Spa:
    """
    Pages of one web app: paths below `prefix` that are no file are answered with `file`.

    `pages` are the addresses that the app knows, a changing part in braces (`/orders/{code}`):
    any other gets the same file, whose script then says so, with status 404. Empty: all are known.
    """

    prefix: str
    file: str
    pages: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """
    One public address.

    Without `names`: plain HTTP for any host name on `port` (demo). With `names` and `lan`: HTTPS
    by Caddy's own CA, its root certificate on plain HTTP at `ca_port`. With `names` alone: public
    HTTPS with certificates from an ACME authority, and HSTS.
    """

    routes: Sequence[Route]
    # host:port of the NATS WebSocket; empty: no /feed, browsers poll.
    feed: str = ""
    # The static web build; None: only the API.
    web: str | Path | None = None
    # Folder of chart files named `<hash>` or `<hash>.json`; None: the catalogue answers.
    charts: str | Path | None = None
    port: int = 8000
    names: Sequence[str] = ()
    lan: bool = False
    ca_port: int | None = None
    # Caddy's own metrics on 127.0.0.1; None: none.
    metrics_port: int | None = None
    pages: Sequence[Spa] = field(default=(Spa(prefix="/", file="/index.html"),))
    # Addresses whose X-Forwarded-For is believed: a CDN or load balancer in front.
    trusted_proxies: Sequence[str] = ()
