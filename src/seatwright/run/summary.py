"""The screen at the end of a demonstration's start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_RULE = "─"


def summary(description: dict[str, Any], columns: int, *, kept: Path) -> str:
    """Addresses, log-ins and what to try first, for a terminal of `columns`; `kept` has all."""
    on_sale = [event for event in description["events"] if event["on_sale"]]
    first = on_sale[0] if on_sale else description["events"][0]
    rows = [
        ("Shop", description["shop"]),
        ("A stadium on sale", f"{description['shop']}/events/{first['slug']}"),
        *for_phones(description),
        ("Inbox", description.get("inbox", "none: mails are handed over to SMTP_URL")),
        *_payments(description),
        ("API", f"{description['api']}/openapi.json"),
        ("", ""),
        ("Organiser", f"{description['organiser_email']}  {description['organiser_password']}"),
        ("API token", description["api_token"]),
        ("Scanner token", description["scanner_token"]),
        ("All of this", str(kept)),
    ]
    width = max(len(name) for name, _ in rows)
    rule = _RULE * min(columns, 78)
    lines = [f"  {name:<{width}}  {value}".rstrip() for name, value in rows]
    return "\n".join([rule, *lines, rule, "  Ctrl-C stops everything; the data stays."])


def for_phones(description: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each line for phones in the network; none when it does not serve them."""
    if "certificate" not in description:
        return []
    nowhere = "none reaches it: this machine has no address in a network"
    return [
        ("Phone", description["phone"] or nowhere),
        ("Certificate", description["certificate"]),
        ("", "once: open it on the phone, and trust it as a CA certificate"),
    ]


def _payments(description: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "gateway_ledger" in description:
        return []
    return [("Payments", "asked for at GATEWAY_URL: it may move money")]
