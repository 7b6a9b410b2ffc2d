"""`python -m scripts.bench.learning`: what federated training reaches, which cheats are found, what checking costs.

The learning and verification code of the product without its network: the dispatcher's stages run in this process over
the in-memory adapters, trainers and validators in a process of the nodes' environment, the aggregator in its own. Tasks
travel as the product's JSON over pipes, objects through a folder; there is no chain, no database, no socket.
"""
