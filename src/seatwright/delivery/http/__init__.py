"""Routes of delivery: papers for their holders, webhooks and dead letters for organisers."""

from seatwright.delivery.http import dead_letters, papers, webhooks

ROUTES = (*papers.ROUTES, *webhooks.ROUTES, *dead_letters.ROUTES)

__all__ = ["ROUTES"]
