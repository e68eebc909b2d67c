"""Gates: who is let in, once, and how many are inside."""
