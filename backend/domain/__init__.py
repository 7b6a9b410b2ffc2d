"""Pure rules about tickets: no I/O, no clock, no randomness."""
