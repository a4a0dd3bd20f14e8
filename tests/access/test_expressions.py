"""What expressions read, write and prove, and what in them is not understood."""

from typing import Any

import pytest

from chalicelib.access.expressions import (
    MAX_LENGTH,
    NotUnderstood,
    condition_reads,
    creates_only,
    key_condition,
    projection_reads,
    update_effects,
)
from chalicelib.access.known import Known, Prefix

NAMES = {"#a": "a", "#A": "A", "#b": "b", "#dot": "a.b", "#and": "AND", "#1": "one"}


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        ("a", "a"),
        ("a,b", "a b"),
        (" a ,\tb\r\n, c ", "a b c"),
        ("a.b[0].c", "a"),
        ("a . b", "a"),
        ("a[ 10 ].b, c", "a c"),
        ("#a, #A", "a A"),
        ("#dot", "a.b"),
        ("#dot.#b", "a.b"),
        ("#and", "AND"),
        ("#1", "one"),
        ("and, size, set", "and size set"),
        ("a_1, A", "a_1 A"),
    ],
)
def test_a_projection_reads_the_first_part_of_every_path(expression: str, reads: str) -> None:
    assert projection_reads(expression, NAMES) == set(reads.split())


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        ("a = :v", "a"),
        (":v=a", "a"),
        ("a = b", "a b"),
        ("a=:v AND b<>:v", "a b"),
        ("a=:v anD NoT(b<:v) oR c>=:v", "a b c"),
        ("a BETWEEN b AND c", "a b c"),
        ("a between :l and :h", "a"),
        ("a in(:v,b , c.d)", "a b c"),
        ("attribute_exists(a)", "a"),
        ("attribute_not_exists ( #dot )", "a.b"),
        ("attribute_type(a.b,:t)", "a"),
        ("begins_with(a, b)", "a b"),
        ("contains(a[1], #b)", "a b"),
        ("size(a) > size(b.c)", "a b"),
        ("size = :v", "size"),
        ("set = :v", "set"),
        ("#and = :v", "AND"),
        ("", ""),
    ],
)
def test_a_condition_reads_every_attribute_that_it_names(expression: str, reads: str) -> None:
    assert condition_reads(expression, NAMES) == set(reads.split())


@pytest.mark.parametrize(
    ("expression", "reads", "writes"),
    [
        ("SET a = :v", "", "a"),
        ("set a=:v", "", "a"),
        ("SET a = b", "b", "a"),
        ("SET a = a + :v", "a", "a"),
        ("SET a = :v-b", "b", "a"),
        ("SET a.b = :v", "a", "a"),
        ("SET a[0] = :v", "a", "a"),
        ("SET #dot = :v", "", "a.b"),
        ("SET a = if_not_exists(b, c), d = list_append(:v, e)", "b c e", "a d"),
        ("SET a = (b.c + (:v))", "b", "a"),
        ("REMOVE a", "", "a"),
        ("REMOVE a, b.c, d[0]", "b d", "a b d"),
        ("ADD a :v", "a", "a"),
        ("add a :v, b.c :w", "a b", "a b"),
        ("DELETE a :v", "a", "a"),
        ("SET a=:v REMOVE b ADD c :v Delete d :v", "c d", "a b c d"),
        ("REMOVE a SET b = c", "c", "a b"),
        ("SET #and = :v", "", "AND"),
        ("SET a = and", "and", "a"),
    ],
)
def test_an_update_writes_its_targets_and_reads_its_values(expression: str, reads: str, writes: str) -> None:
    assert update_effects(expression, NAMES) == (set(reads.split()), set(writes.split()))


VALUES: dict[str, Any] = {":v": "x", ":w": "y", ":b": b"z"}


@pytest.mark.parametrize(
    ("expression", "proven"),
    [
        ("a = :v", {"a": "x"}),
        (":v = a", {"a": "x"}),
        ("#a=:v", {"a": "x"}),
        ("((a) = (:v))", {"a": "x"}),
        ("a = :v AND b = :w", {"a": "x", "b": "y"}),
        ("(a = :v) and (:w = b)", {"a": "x", "b": "y"}),
        ("a = :v AND begins_with(b, :w)", {"a": "x", "b": Prefix("y")}),
        ("begins_with ( b , :b ) AND a = :v", {"a": "x", "b": Prefix(b"z")}),
        ("a = :v AND b BETWEEN :v AND :w", {"a": "x"}),
        ("b between :v aNd :w AND a = :v", {"a": "x"}),
        ("a = :v AND b > :w AND c <= :w AND :v < d AND :v >= e", {"a": "x"}),
        ("a = :v AND b = :w AND c = :b AND d = :v", {"a": "x", "b": "y", "c": b"z", "d": "x"}),
        ("a = :unknown", {}),
        ("begins_with(a, :unknown)", {}),
        ("", {}),
    ],
)
def test_a_key_condition_proves_equality_and_prefix_alone(expression: str, proven: dict[str, Known]) -> None:
    assert key_condition(expression, NAMES, VALUES.get) == proven


@pytest.mark.parametrize(
    "expression",
    [
        "a = :v OR b = :w",
        "NOT a = :v",
        "a <> :v",
        "a IN (:v)",
        "a = b",
        ":v = :w",
        "a.b = :v",
        "a[0] = :v",
        "a = :v AND a = :w",
        "a = :v AND",
        "a = :v b = :w",
        "a = :v, b = :w",
        "attribute_exists(a)",
        "contains(a, :v)",
        "begins_with(:v, a)",
        "BEGINS_WITH(a, :v)",
        "begins_with(a, :v, :w)",
        "a BETWEEN b AND :w",
        "a BETWEEN :v AND b",
        ":v BETWEEN a AND b",
        "a = :v AND size(b) = :w",
        "#c = :v",
        "a + :v = :w",
    ],
)
def test_every_other_key_condition_is_not_understood(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        key_condition(expression, NAMES, VALUES.get)


@pytest.mark.parametrize(
    ("condition", "creates"),
    [
        ("attribute_not_exists(a)", True),
        ("attribute_not_exists ( #a )", True),
        ("attribute_not_exists(a) AND b = :v", True),
        ("attribute_not_exists(a) and c BETWEEN :v AND :w", True),
        ("attribute_not_exists(c)", False),
        ("attribute_not_exists(#dot)", False),
        ("attribute_not_exists(a.b)", False),
        ("attribute_not_exists(:v)", False),
        ("attribute_exists(a)", False),
        ("ATTRIBUTE_NOT_EXISTS(a)", False),
        ("(attribute_not_exists(a))", False),
        ("b = :v AND attribute_not_exists(a)", False),
        ("attribute_not_exists(a) OR b = :v", False),
        ("attribute_not_exists(a) AND b = :v oR b = :w", False),
        ("attribute_not_exists(a) AND nOt b = :v", False),
        ("attribute_not_exists(a) = :v", False),
        ("attribute_not_exists", False),
        ("", False),
    ],
)
def test_a_condition_is_sure_to_create_only_in_the_form_that_is_promised(condition: str, creates: bool) -> None:
    assert creates_only(condition, NAMES, ("a", "b")) == creates


READERS = [condition_reads, projection_reads, update_effects]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "piece",
    ["\x0b", "\x0c", "\xa0", "\u2028", "\u200b", "\ufeff", "\0", "\x85", "\u3000", "é", "\uff41", "\u0430", "\u0661",
     "1", "-- ;", "/", "*", "'", '"', "`", "\\", "{", "$", "%", "&", "|", "!", "?", "@", "~", "^", "_x", "#", ":",
     "# a", "[a]", "[-1]", "[\u0661]", "[", "]", "[]", "##", "::", "#é", ":é"],
)  # fmt: skip
def test_what_is_outside_of_the_alphabet_is_not_understood(reader: Any, piece: str) -> None:
    with pytest.raises(NotUnderstood):
        reader(f"SET a = b {piece}", NAMES)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "a = :v",
        "SETa = :v",
        "SET a",
        "SET a = :v = b",
        "SET a == :v",
        "SET a = :v,",
        "SET a = size(b)",
        "SET a = IF_NOT_EXISTS(b, :v)",
        "SET a = attribute_exists(b)",
        "SET a(b) = :v",
        "ADD a",
        "ADD a b",
        "DELETE a b",
        "SET #c = :v",
        "REMOVE #c",
    ],
)
def test_an_update_that_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        update_effects(expression, NAMES)


@pytest.mark.parametrize("expression", ["SIZE(a) > :v", "a(b)", "if_not_exists(a, :v)", "#c = :v", "not_a_function(a)"])
def test_a_condition_that_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        condition_reads(expression, NAMES)


@pytest.mark.parametrize("reader", READERS)
def test_an_expression_that_dynamodb_finds_too_long_is_refused(reader: Any) -> None:
    expression = "SET a = b"
    reader(expression + " " * (MAX_LENGTH - len(expression)), NAMES)
    with pytest.raises(NotUnderstood):
        reader(expression + " " * (MAX_LENGTH + 1 - len(expression)), NAMES)


def test_a_second_condition_on_one_attribute_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match=r"^it has two conditions on one attribute$"):
        key_condition("a = :v AND #a = :v", NAMES, lambda _: None)


REASONS = [
    (key_condition, "a = :v OR b = :v", "AND and another condition must follow a condition"),
    (key_condition, "a = :v AND", "AND and another condition must follow a condition"),
    (key_condition, "a <> :v", "it is no comparison of a key attribute with a value"),
    (condition_reads, "a = 'b'", '"%s" is no part of an expression'),
    (condition_reads, "#none = :v", "%s is not in ExpressionAttributeNames"),
    (condition_reads, "exists(a)", '"%s" is no function here'),
    (update_effects, "a = :v", "it must begin with SET, REMOVE, ADD or DELETE"),
    (update_effects, "SET a", "an action of SET has one = sign"),
    (update_effects, "ADD a", "an action of ADD ends in a value"),
    (projection_reads, "a" * (MAX_LENGTH + 1), "it is longer than 4,096 characters"),
]


@pytest.mark.parametrize(("read", "expression", "reason"), REASONS)
def test_what_is_not_understood_is_told_with_the_reason(read: Any, expression: str, reason: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        read(expression, NAMES, *([VALUES.get] if read is key_condition else []))
    assert refusal.value.reason == reason
    assert all(word in expression for word in refusal.value.words)
    assert len(refusal.value.words) == reason.count("%s")


def test_what_an_update_reads_may_be_a_placeholder() -> None:
    assert update_effects("SET a = if_not_exists(#b, :v), #a = c", NAMES) == ({"b", "c"}, {"a"})


def test_a_value_may_stand_before_an_attribute_with_a_placeholder() -> None:
    assert key_condition(":v = #a", NAMES, {":v": "x"}.get) == {"a": "x"}
    assert key_condition(":v < #a AND b = :v", NAMES, {":v": "x"}.get) == {"b": "x"}
