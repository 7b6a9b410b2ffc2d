"""How hard this machine works: levels of frequency or power, set where the machine allows, and always put back."""
