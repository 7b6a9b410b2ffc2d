"""Pure checks of what nodes claim: no I/O; signatures are checked through a function given by the caller."""
