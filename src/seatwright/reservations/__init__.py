"""Availability of seats and the holds on them."""
