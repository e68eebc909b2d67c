"""The catalogue's HTTP routes."""
