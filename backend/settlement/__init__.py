"""Between tickets and the market chain: effects go out, events come in, sweeps find what was missed."""
