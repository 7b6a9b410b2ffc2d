"""Generated input, the same in every run: what a check finds must not depend on luck. `--hypothesis-profile=searching` looks
further, elsewhere each time."""

from hypothesis import HealthCheck, settings

# Without a clock: a busy machine must not fail a property.
settings.register_profile(
    "untimed",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile("searching", settings.get_profile("untimed"), derandomize=False, max_examples=1_000)
settings.load_profile("untimed")
