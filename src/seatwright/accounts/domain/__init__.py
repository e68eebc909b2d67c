"""Every rule of accounts; no clock, no await."""
