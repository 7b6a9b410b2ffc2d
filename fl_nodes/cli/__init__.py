"""`ecodml node`: join the market, run a node, see how it does, leave."""
