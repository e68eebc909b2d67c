"""Organisations, venues, seat charts and events: what is on sale, where and for how much."""
