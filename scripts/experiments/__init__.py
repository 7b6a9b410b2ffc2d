"""`make experiments`: what the energy part is worth, shown by runs that anyone repeats (docs/experiments)."""
