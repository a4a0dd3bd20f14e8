"""`make bench`, second part: what 20 access rules add to the CPU of a request.

Two stages in one process, with and without rules, take turns; DynamoDB is the canned server in a process of its own.
The caller is a user who may touch his own items by the last of the rules that concern him.
"""

import os
import runpy
import statistics
import time
from typing import Any

import msgspec

from perf.canned import WORKS
from perf.canned_dynamodb import serving
from perf.event import Call, Context, gateway_event, request_body
from perf.report import PROJECT, table, write_section

ROUNDS = 15
# In each round the two stages take turns so often, with so many calls each.
TURNS, CALLS = 16, 25
POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_bench"
# The most that a request with rules may take, of the same request without.
GOALS = {"ping": 1.02, "read": 1.06, "create": 1.06, "batchWrite 25": 1.12}


def rules() -> dict[str, Any]:
    """20 rules: some about others, some that deny, and the one that allows last."""
    others: list[dict[str, Any]] = [
        {"id": f"group-{number}", "effect": "allow", "who": {"groups": [f"group-{number}"]}, "do": ["*"]}
        for number in range(9)
    ]
    partners: list[dict[str, Any]] = [
        {"id": f"partner-{number}", "effect": "allow", "who": {"kind": "apiKey", "ids": [f"key-{number}"]},
         "do": ["read", "query"], "where": {"id": f"catalog-{number}"}, "read": {"only": ["id", "name"]}}
        for number in range(7)
    ]  # fmt: skip
    denying: list[dict[str, Any]] = [
        {"id": f"frozen-{number}", "effect": "deny", "do": ["*"], "where": {"id": {"beginsWith": f"frozen-{number}"}}}
        for number in range(3)
    ]
    own = {"id": "own", "effect": "allow", "who": {"kind": "user"}, "do": ["*"],
           "where": {"id": {"beginsWith": "${custom:tenant}-"}}}  # fmt: skip
    return {"tables": {"items-1": {"key": ["id"]}}, "rules": [*others, *partners, *denying, own]}


def calls(work_name: str, app: Any) -> Call:
    work = WORKS[work_name]
    event = gateway_event(request_body(work, work.plain))
    claims = {"sub": "u1", "custom:tenant": "customer", "cognito:groups": "customers"}
    event["requestContext"]["authorizer"] = {"claims": claims}

    def call() -> None:
        response = app(event, Context)
        assert response["statusCode"] == 200, response

    call()
    return call


def cpu_microseconds(pair: tuple[Call, Call]) -> list[float]:
    """The CPU of a call of each, in microseconds."""
    seconds = [0.0, 0.0]
    for _ in range(TURNS):
        for which, call in enumerate(pair):
            started = time.process_time()
            for _ in range(CALLS):
                call()
            seconds[which] += time.process_time() - started
    return [each / (TURNS * CALLS) * 1e6 for each in seconds]


def measure() -> dict[str, tuple[float, float]]:
    """The CPU of each piece of work without and with rules, in microseconds, and the ratio of the medians."""
    from chalicelib.access.rules import RulesFile, compile_rules

    plain, ruled = (runpy.run_path(str(PROJECT / "app.py"))["app"] for _ in range(2))
    ruled.stage = ruled.stage._replace(rules=compile_rules(msgspec.convert(rules(), RulesFile)))
    results = {}
    for name in GOALS:
        pair = calls(name, plain), calls(name, ruled)
        rounds = [cpu_microseconds(pair) for _ in range(ROUNDS)]
        before, after = (statistics.median(each) for each in zip(*rounds, strict=True))
        results[name] = before, after
    return results


def main() -> None:
    with serving("https") as endpoint:
        os.environ.update({**endpoint.environ(), "AUTH": "cognito", "COGNITO_USER_POOL_ARNS": POOL,
                           "ALLOWED_TABLES": "*", "LOG_LEVEL": "CRITICAL"})  # fmt: skip
        rows = [
            (name, f"{before:.0f}", f"{after:.0f}", f"{after / before:.3f}", f"{GOALS[name]:.2f}")
            for name, (before, after) in measure().items()
        ]
    write_section("access-rules", table(["µs of CPU", "no rules", "20 rules", "ratio", "goal"], rows))


if __name__ == "__main__":
    main()
