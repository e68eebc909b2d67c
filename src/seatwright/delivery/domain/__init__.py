"""The rules of delivery: what a paper or a mail says, as pure functions."""
