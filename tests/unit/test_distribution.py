"""Our five names are general words; a dependency that brings one of them would be imported in our place."""

from importlib.metadata import packages_distributions

import pytest

from tests.machine.release import OURS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("package", OURS)
def test_a_package_of_ours_comes_from_our_distribution_alone(package: str) -> None:
    assert set(packages_distributions()[package]) == {"acd-router"}
