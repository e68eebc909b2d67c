"""Taking the money of paid orders."""
