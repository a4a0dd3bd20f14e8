"""What is known of a key, and what that proves: for all values, not only for those that were thought of."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.known import Known, Prefix, excludes, implies, plain_value, typed_value

texts = st.text("ab#", max_size=4)
binary = texts.map(str.encode)
values = texts | binary | st.integers(-2, 2).map(Decimal)
knowns = values | texts.map(Prefix) | binary.map(Prefix)


def fits(value: Any, known: Known) -> bool:
    if isinstance(known, Prefix):
        return isinstance(value, type(known.start)) and value[: len(known.start)] == known.start
    return type(value) is type(known) and value == known


@given(knowns, knowns, values)
def test_what_implies_and_excludes_holds_for_every_value(known: Known, wanted: Known, value: Any) -> None:
    if fits(value, known):
        assert not implies(known, wanted) or fits(value, wanted)
        assert not excludes(known, wanted) or not fits(value, wanted)


@given(knowns, knowns)
def test_nothing_both_implies_and_excludes(known: Known, wanted: Known) -> None:
    assert not (implies(known, wanted) and excludes(known, wanted))


@given(values, knowns)
def test_of_a_value_everything_is_known(value: Any, wanted: Known) -> None:
    assert implies(value, wanted) == fits(value, wanted)
    assert excludes(value, wanted) != fits(value, wanted)


@pytest.mark.parametrize(
    ("plain", "typed", "value"),
    [
        ("a", {"S": "a"}, "a"),
        (5, {"N": "5"}, Decimal(5)),
        (Decimal("5.0"), {"N": "5.0"}, Decimal(5)),
        (5.0, {"N": "5.0"}, Decimal(5)),
        (Decimal("0.5E+1"), {"N": "0.5E+1"}, Decimal(5)),
        (-5, {"N": "-5"}, Decimal(-5)),
        (Decimal("5E-0"), {"N": "+5"}, Decimal(5)),
        (5, {"N": "005"}, Decimal(5)),
        (Decimal("-0"), {"N": "-0"}, Decimal(0)),
        ({"$binary": "YQ=="}, {"B": "YQ=="}, b"a"),
        ({"$binary": "YR=="}, {"B": "YR=="}, b"a"),
        ({"$binary": ""}, {"B": ""}, b""),
    ],
)
def test_a_value_is_the_same_however_it_is_written(plain: Any, typed: Any, value: Any) -> None:
    assert plain_value(plain) == typed_value(typed) == value


@pytest.mark.parametrize(
    "value",
    [
        None, True, [], ["a"], {}, {"a": "b"}, {"$set": ["a"]}, {"$map": {"$binary": "YQ=="}}, {"$binary": None},
        {"$binary": "%"}, {"$binary": "YQ"}, {"$binary": "YQ==", "a": 1}, 10**131, Decimal("1E-131"),
        int("1" * 39), Decimal("Infinity"), Decimal("NaN"), float("nan"), float("inf"),
    ],
)  # fmt: skip
def test_what_is_not_certainly_a_key_in_plain_json_is_unknown(value: Any) -> None:
    assert plain_value(value) is None


@pytest.mark.parametrize(
    "value",
    [
        None, "a", 5, [], {}, {"S": 5}, {"S": None}, {"N": 5}, {"N": ""}, {"N": " 5"}, {"N": "5 "}, {"N": "5_0"},
        {"N": "0x5"}, {"N": "\u0665"}, {"N": "Infinity"}, {"N": "NaN"}, {"N": "5\n"}, {"N": "1" * 39}, {"N": "1E131"},
        {"N": "1E99999999999"}, {"B": "%"}, {"B": "YQ"}, {"BOOL": True}, {"BOOL": "YQ=="}, {"NULL": True},
        {"SS": ["a"]}, {"M": {"a": {"S": "b"}}}, {"S": "a", "N": "5"}, {"s": "a"},
    ],
)  # fmt: skip
def test_what_is_not_certainly_a_key_in_dynamodbs_json_is_unknown(value: Any) -> None:
    assert typed_value(value) is None


def test_a_longer_beginning_implies_a_shorter_one_and_no_value() -> None:
    assert implies(Prefix("ab"), Prefix("a"))
    assert implies(Prefix(b"a"), Prefix(b"a"))
    assert not implies(Prefix("a"), Prefix("ab"))
    assert not implies(Prefix("a"), Prefix(b"a"))
    assert not implies(Prefix("a"), "a")


@pytest.mark.parametrize("text", ["1" * 38, "1E130", "1E-130", "-1E+130"])
def test_the_largest_numbers_are_known(text: str) -> None:
    assert typed_value({"N": text}) == plain_value(Decimal(text)) == Decimal(text)
