"""Orders: claims, payments' progress, tickets. The only maker of sales."""
