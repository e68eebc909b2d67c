"""The demonstration's venues and events: invented, and the same at every start."""
