"""From a paid dataset to a signed verdict. Read `job_loop.py` first."""
