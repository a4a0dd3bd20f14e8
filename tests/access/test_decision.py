"""The decision, by itself: what must be refused is, and what must pass does."""

import pytest

from chalicelib.access.authorization import Authorization, authorize
from chalicelib.access.rules import Rules
from tests.access.cases import ATTACKS, CALLERS, HONEST, Case, compiled, in_both_formats


@pytest.fixture(scope="module")
def rules() -> Rules:
    return compiled()


def decided(rules: Rules, case: Case) -> Authorization:
    return authorize(rules, CALLERS[case.caller], case.operation, case.full_payload, case.format, None)


def test_there_are_as_many_attacks_as_were_promised() -> None:
    assert len({case.name for case in ATTACKS}) == len(ATTACKS) >= 60
    assert len({case.name for case in HONEST}) == len(HONEST) >= 25


@pytest.mark.parametrize("case", in_both_formats(iter(ATTACKS)), ids=lambda case: f"{case.name} {case.format}")
def test_an_attack_is_refused(rules: Rules, case: Case) -> None:
    assert decided(rules, case).refusal is not None


@pytest.mark.parametrize("case", in_both_formats(iter(HONEST)), ids=lambda case: f"{case.name} {case.format}")
def test_an_honest_request_passes(rules: Rules, case: Case) -> None:
    assert decided(rules, case).refusal is None
