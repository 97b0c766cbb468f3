"""When a limit of the host is reached, and when it is left."""

import pytest

from hardware.host import CPU, LOOP_LAG, Host, Limits, Measure, Strain

pytestmark = pytest.mark.unit

LIMITS = Limits(most={LOOP_LAG: 250, CPU: 95}, begin=3, end=2)


def measure(loop_lag: float = 0, cpu: float = 0) -> Measure:
    return Measure(loop_lag=loop_lag, cpu=cpu, load=0, open_files=0, sessions=0)


def test_a_limit_is_reached_after_some_measures_in_a_row() -> None:
    host = Host(LIMITS)
    assert host.take(measure(300)) == []
    assert host.take(measure(300)) == []
    assert host.take(measure(10)) == []
    assert host.take(measure(300)) == host.take(measure(300)) == []

    assert host.take(measure(250)) == [Strain("loop_lag", 250, 250, strained=True)]
    assert list(host.strained) == ["loop_lag"]


def test_it_is_told_once_and_left_well_below_the_limit_only() -> None:
    host = Host(LIMITS)
    for _ in range(3):
        host.take(measure(400))
    assert host.take(measure(500)) == []
    assert host.take(measure(199)) == host.take(measure(200)) == host.take(measure(199)) == []

    assert host.take(measure(150)) == [Strain("loop_lag", 150, 250, strained=False)]
    assert host.strained == {}


def test_limits_are_told_each_for_itself() -> None:
    host = Host(LIMITS)
    for _ in range(2):
        host.take(measure(300, 99))

    assert [strain.limit for strain in host.take(measure(300, 99))] == ["loop_lag", "cpu"]
    host.take(measure(300, 10))
    assert host.take(measure(300, 10)) == [Strain("cpu", 10, 95, strained=False)]
    assert list(host.strained) == ["loop_lag"]


def test_what_has_no_limit_strains_nobody() -> None:
    host = Host(Limits(most={}, begin=1, end=1))

    assert host.take(measure(10_000, 100)) == []
    assert host.measure == measure(10_000, 100)


def test_a_strain_ends_when_its_limit_is_taken_away() -> None:
    host = Host(LIMITS)
    for _ in range(3):
        host.take(measure(300))

    assert host.configure(Limits(most={CPU: 95})) == [Strain("loop_lag", 300, 250, strained=False)]
    assert host.strained == {}
