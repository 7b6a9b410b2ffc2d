"""`python -m scripts.bench.overhead`: what a round costs with trivial training, beside Flower's persistent clients
(docs/benchmarks/overhead.md).
"""
