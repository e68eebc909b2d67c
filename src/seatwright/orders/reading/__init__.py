"""Reading orders and tickets: for their owners, for papers, for gates."""
