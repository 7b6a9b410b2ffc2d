"""A discrete-event simulation of nodes that serve tasks: queues, idling, sleeping, weather and grids. Pure."""
