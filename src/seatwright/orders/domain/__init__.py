"""What an order is and may become; pure."""
