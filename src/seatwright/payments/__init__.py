"""Payments: speaks to gateways and keeps nothing."""
