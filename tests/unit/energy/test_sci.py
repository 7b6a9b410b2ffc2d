"""Software Carbon Intensity, held against the guide's own example."""

from backend.energy.sci import Sci, embodied_ug


def test_embodied__the_guides_machine_for_a_month__is_a_32nd_of_a_server_times_its_cpus() -> None:
    month = 30 * 86_400
    expected_kg = 1230.3 * (30 / (4 * 365)) * (4 / 32)
    assert abs(embodied_ug({"cpus": 4, "gpus": []}, month) / 1e9 - expected_kg) < 1e-6


def test_embodied__a_gpu_more__counts_a_gpu_more() -> None:
    lifetime = 4 * 365 * 86_400
    plain, with_gpu = ({"cpus": 1, "gpus": gpus} for gpus in ([], ["H200"]))
    assert embodied_ug(with_gpu, lifetime) - embodied_ug(plain, lifetime) == 164_000_000_000


def test_embodied__a_machine_that_says_nothing__counts_as_a_whole_server() -> None:
    assert embodied_ug({}, 60) == embodied_ug({"cpus": 32}, 60) == embodied_ug({"cpus": "many"}, 60)


def test_sci__told__is_operation_and_making_together() -> None:
    told = Sci(5, 7, "round").told()
    assert (told["micrograms"], told["unit"]) == (12, "round")
