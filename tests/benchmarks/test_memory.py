import pytest

from benchmarks.memory import figures


@pytest.mark.parametrize(
    ("before", "after", "holds"),
    [
        (200.0, 210.0, [True, True, True]),
        (200.0, 290.0, [True, True, False]),
        (295.0, 305.0, [True, False, True]),
    ],
)
def test_memory_must_be_small_at_every_look_and_flat_from_the_first_to_the_last(
    before: float, after: float, holds: list[bool]
) -> None:
    looks = [(100_000, {"server": before}), (300_000, {"server": after})]

    assert [figure.holds for figure in figures("server", looks)] == holds
