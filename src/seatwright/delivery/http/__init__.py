"""Routes of delivery: papers for their holders, webhooks for organisers."""

from seatwright.delivery.http import papers, webhooks

ROUTES = (*papers.ROUTES, *webhooks.ROUTES)

__all__ = ["ROUTES"]
