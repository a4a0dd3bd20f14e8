"""docs/scale.md says what its command computes."""

import pytest

from perf import scale


def test_the_page_is_what_the_command_writes() -> None:
    assert scale.PAGE.read_text() == scale.page(), "run `make scale`"


def test_a_tiered_price_charges_each_part_at_its_own_tier() -> None:
    assert scale.REST_API.of(1_333e6) == pytest.approx(333 * 3.50 + 667 * 2.80 + 333 * 2.38)


def test_lambda_needs_an_environment_for_ten_requests_a_second_however_short() -> None:
    assert scale.concurrency(10_000, 1769) == 1_000
