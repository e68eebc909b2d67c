"""Routes of gates."""

from seatwright.entry.http import event, scans

ROUTES = (scans.check_in, scans.check_in_batch, event.attendance, event.entry_bundle)

__all__ = ["ROUTES"]
