"""Stand-ins for the outside world, each a process of its own that knows nothing of Seatwright."""
