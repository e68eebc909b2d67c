"""
Addresses that end in a file's suffix: `/v1/tickets/{id}.pdf`.

The framework's paths know whole components only, so a handler is written for
`/v1/tickets/{id}/pdf`; outside, and in the OpenAPI document, the address has the dot.
"""

import re

from litestar.types import HTTPScope

_KINDS = "ics|pdf|pkpass|png"
_DOTTED = re.compile(rf"^(/v1/.+[^/])\.({_KINDS})$")
_SLASHED = re.compile(rf"^(/v1/.+)/({_KINDS})$")


def turn_inward(scope: HTTPScope) -> None:
    """Rewrite a request's dotted address into the one its handler is written for."""
    # Nearly no address has a dot; looking costs less than matching.
    if "." in scope["path"] and (found := _DOTTED.match(scope["path"])):
        scope["path"] = f"{found[1]}/{found[2]}"
        scope["raw_path"] = scope["path"].encode()


def outward(path: str) -> str:
    """The address as the outside writes it."""
    return _SLASHED.sub(r"\1.\2", path)
