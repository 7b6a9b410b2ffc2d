"""`make load`: a market of a thousand connected nodes, people who watch, and jobs at work, on one machine; JSON of what it cost
and whether anything was dropped (docs/benchmarks/load.md)."""
