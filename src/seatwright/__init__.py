"""Seatwright: online ticketing for reserved seats under stadium on-sale load."""

# As in pyproject.toml, which a checkout is not installed from; a test compares.
__version__ = "0.1.0"
