"""Energy of a window of work: measured where the machine has counters, modelled where it has none, and always said which."""
