"""Ways to choose nodes, start and levels; one object runs in the dispatcher and in simulations alike."""
