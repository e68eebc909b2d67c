"""Comparing: what gateways hold for us against what we sold (jobs R2 and R4)."""
