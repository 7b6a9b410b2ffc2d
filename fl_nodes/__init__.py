"""Everything that runs on a node provider's machine, and the two resident workers that share its stack."""
