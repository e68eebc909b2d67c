"""How accounts use the world."""
