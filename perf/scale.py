"""`make scale`: docs/scale.md, computed from the inputs at the top of this file."""

from collections.abc import Callable, Iterable
from math import ceil, inf
from pathlib import Path
from typing import NamedTuple

from perf.report import table

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"

RATES = (10, 1_000, 100_000)
MEMORIES = (128, 256, 512, 1024, 1769)
MONTH = 730 * 3600


class Work(NamedTuple):
    """One operation's share of the requests, and what a request takes."""

    name: str
    share: float
    cpu_ms: float
    dynamodb_ms: float
    read_units: float
    write_units: float


# CPU of the handler is measured: AMD EPYC, Python 3.11, medians, November 2026. DynamoDB's time is assumed, for items
# of at most 1 KB from a function in the table's region.
WORKS = (
    Work("read", 0.8, cpu_ms=0.50, dynamodb_ms=4, read_units=0.5, write_units=0),
    Work("create", 0.2, cpu_ms=0.70, dynamodb_ms=6, read_units=0, write_units=1),
)
# CPU of a start is measured; what Lambda adds before it, with the code on its way, is assumed.
COLD_CPU_MS = 190
COLD_LAMBDA_MS = 250
# The log line of a `read` is measured; Lambda's own three lines, and an answer with its headers, are assumed.
LOG_BYTES = 800 + 150
ANSWER_BYTES = 600

# MB. Lambda gives a whole vCPU here, and CPU in proportion below.
WHOLE_CPU = 1769


class Tiered(NamedTuple):
    """A price that falls with the amount: (up to how many in a month, dollars for one)."""

    tiers: tuple[tuple[float, float], ...]

    def of(self, amount: float) -> float:
        dollars, below = 0.0, 0.0
        for up_to, price in self.tiers:
            dollars += max(min(amount, up_to) - below, 0) * price
            below = up_to
        return dollars


M, GB = 1e6, 1e9
PRICES_OF = "us-east-1, as published in 2025, without free tiers"
REST_API = Tiered(((333 * M, 3.50 / M), (1_000 * M, 2.80 / M), (20_000 * M, 2.38 / M), (inf, 1.51 / M)))
HTTP_API = Tiered(((300 * M, 1.00 / M), (inf, 0.90 / M)))
APIS = {"REST": REST_API, "HTTP": HTTP_API}
# KB. An HTTP API counts a request once for each of these steps.
HTTP_API_STEP = 512
ANSWER_SIZES = (1, 512, 1_024, 1_536, 2_048, 6_144)
LAMBDA_REQUEST = 0.20 / M
LAMBDA_SECOND = {
    "x86_64": Tiered(((6 * GB, 0.0000166667), (15 * GB, 0.0000150000), (inf, 0.0000133334))),
    "arm64": Tiered(((7.5 * GB, 0.0000133334), (18.75 * GB, 0.0000120001), (inf, 0.0000106667))),
}
READ_UNIT, WRITE_UNIT = 0.125 / M, 0.625 / M
READ_CAPACITY_HOUR, WRITE_CAPACITY_HOUR = 0.00013, 0.00065
LOG = Tiered(((10_000 * GB, 0.50 / GB), (30_000 * GB, 0.25 / GB), (50_000 * GB, 0.10 / GB), (inf, 0.05 / GB)))
TRANSFER = Tiered(((10_000 * GB, 0.09 / GB), (50_000 * GB, 0.085 / GB), (150_000 * GB, 0.07 / GB), (inf, 0.05 / GB)))
DAX_NODE_HOUR = 0.269
FARGATE_CPU_HOUR, FARGATE_GB_HOUR = 0.04048, 0.004445

QUOTAS_OF = "the defaults of an account and region, as published in 2025"
API_RATE, API_BURST = 10_000, 5_000
CONCURRENCY = 1_000
REQUESTS_OF_AN_ENVIRONMENT = 10
ENVIRONMENTS_IN_10_SECONDS = 1_000
TABLE_READS = TABLE_WRITES = 40_000
NEW_TABLE_READS, NEW_TABLE_WRITES = 12_000, 4_000
PARTITION_READS, PARTITION_WRITES = 3_000, 1_000

# Of provisioned capacity, what auto scaling leaves unused: table.yaml's TargetUtilization.
UTILIZATION = 0.70


def mean(of: Callable[[Work], float]) -> float:
    return sum(work.share * of(work) for work in WORKS)


def duration_ms(memory: int) -> float:
    """A request's time in the function; DynamoDB's does not depend on the memory."""
    return mean(lambda work: work.dynamodb_ms + work.cpu_ms * max(1.0, WHOLE_CPU / memory))


def cold_ms(memory: int) -> float:
    return COLD_LAMBDA_MS + COLD_CPU_MS * max(1.0, WHOLE_CPU / memory)


def concurrency(rate: float, memory: int) -> int:
    """Environments busy at once, and no fewer than Lambda needs for the rate."""
    return ceil(max(rate * duration_ms(memory) / 1000, rate / REQUESTS_OF_AN_ENVIRONMENT))


def concurrency_from_cold(rate: float, memory: int) -> int:
    """Environments started when all of the rate arrives at once, and each request waits for one to start."""
    return ceil(rate * (cold_ms(memory) + duration_ms(memory)) / 1000)


def seconds_from_cold(rate: float, memory: int) -> float:
    """Until there are environments enough; those of the first 10 seconds are there at once."""
    missing = concurrency(rate, memory) - ENVIRONMENTS_IN_10_SECONDS
    return cold_ms(memory) / 1000 + max(0, missing) / ENVIRONMENTS_IN_10_SECONDS * 10


def function_dollars(rate: float, memory: int, architecture: str) -> float:
    requests = rate * MONTH
    # Lambda rounds each request up to a millisecond.
    seconds = requests * ceil(duration_ms(memory)) / 1000 * memory / 1024
    return requests * LAMBDA_REQUEST + LAMBDA_SECOND[architecture].of(seconds)


def on_demand_dollars(rate: float) -> float:
    units = mean(lambda work: work.read_units * READ_UNIT + work.write_units * WRITE_UNIT)
    return rate * MONTH * units


def provisioned_dollars(rate: float) -> float:
    hourly = mean(lambda work: work.read_units * READ_CAPACITY_HOUR + work.write_units * WRITE_CAPACITY_HOUR)
    return rate * 730 * hourly / UTILIZATION


def dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount < 100 else f"${amount:,.0f}"


def share(of: float, quota: float) -> str:
    return f"{of / quota:,.1%}" if of < quota / 100 else f"{of / quota:,.0%}"


def per_second(rate: float) -> str:
    return f"{rate:,}/s"


def inputs() -> str:
    return table(
        ["operation", "share", "CPU in the handler, ms", "DynamoDB, ms", "read units", "write units"],
        (
            [w.name, f"{w.share:.0%}", f"{w.cpu_ms}", f"{w.dynamodb_ms:g}", f"{w.read_units:g}", f"{w.write_units:g}"]
            for w in WORKS
        ),
    )


def environments() -> str:
    def row(memory: int) -> Iterable[str]:
        yield f"{memory:,} MB"
        yield f"{duration_ms(memory):.1f}"
        yield f"{cold_ms(memory):,.0f}"
        yield from (f"{concurrency(rate, memory):,}" for rate in RATES)
        yield from (f"{concurrency_from_cold(rate, memory):,}" for rate in RATES)
        yield f"{seconds_from_cold(RATES[-1], memory):,.0f} s"

    return table(
        ["memory", "request, ms", "cold start, ms"]
        + [f"at {per_second(rate)}" for rate in RATES]
        + [f"{per_second(rate)} from cold" for rate in RATES]
        + [f"until {per_second(RATES[-1])}"],
        map(row, MEMORIES),
    )


def quotas() -> str:
    reads, writes = mean(lambda work: work.read_units), mean(lambda work: work.write_units)
    limits: list[tuple[str, float, Callable[[float], float]]] = [
        (f"API Gateway, {API_RATE:,} requests a second", API_RATE, lambda rate: rate),
        (
            f"Lambda, {CONCURRENCY:,} environments, 1,024 MB",
            CONCURRENCY,
            lambda rate: concurrency(rate, 1024),
        ),
        (f"new table on demand, {NEW_TABLE_READS:,} read units", NEW_TABLE_READS, lambda rate: rate * reads),
        (f"new table on demand, {NEW_TABLE_WRITES:,} write units", NEW_TABLE_WRITES, lambda rate: rate * writes),
        (f"table, {TABLE_READS:,} read units", TABLE_READS, lambda rate: rate * reads),
        (f"table, {TABLE_WRITES:,} write units", TABLE_WRITES, lambda rate: rate * writes),
        (f"one partition, {PARTITION_READS:,} read units", PARTITION_READS, lambda rate: rate * reads),
        (f"one partition, {PARTITION_WRITES:,} write units", PARTITION_WRITES, lambda rate: rate * writes),
    ]
    return table(
        ["used of the quota", *map(per_second, RATES), "reached at"],
        (
            [name, *(share(of(rate), quota) for rate in RATES), f"{quota / of(1e6) * 1e6:,.0f}/s"]
            for name, quota, of in limits
        ),
    )


def bill() -> str:
    """A month's dollars at each rate, behind each API."""
    behind = [(rate, name, api) for rate in RATES for name, api in APIS.items()]

    def row(name: str, of: Callable[[float, Tiered], float]) -> list[str]:
        return [name, *(dollars(of(rate, api)) for rate, _, api in behind)]

    def month(rate: float, api: Tiered) -> float:
        requests = rate * MONTH
        rest = LOG.of(requests * LOG_BYTES) + TRANSFER.of(requests * ANSWER_BYTES) + on_demand_dollars(rate)
        return api.of(requests) + function_dollars(rate, 1024, "x86_64") + rest

    return table(
        ["dollars a month", *(f"{per_second(rate)}, {name}" for rate, name, _ in behind)],
        [
            row("API Gateway", lambda rate, api: api.of(rate * MONTH)),
            row("Lambda, 1,024 MB, x86_64", lambda rate, _: function_dollars(rate, 1024, "x86_64")),
            row("DynamoDB, on demand", lambda rate, _: on_demand_dollars(rate)),
            row("CloudWatch Logs", lambda rate, _: LOG.of(rate * MONTH * LOG_BYTES)),
            row("transfer out", lambda rate, _: TRANSFER.of(rate * MONTH * ANSWER_BYTES)),
            row("**all**", month),
            row(
                "with DynamoDB provisioned, steady",
                lambda rate, api: month(rate, api) - on_demand_dollars(rate) + provisioned_dollars(rate),
            ),
            row("a million requests", lambda rate, api: month(rate, api) / rate / MONTH * M),
        ],
    )


def pages() -> str:
    """API Gateway's dollars for a million answers of a size, at the first tier of each API."""
    return table(
        ["dollars a million", *(f"{size:g} KB" for size in ANSWER_SIZES)],
        [
            ["REST API", *(dollars(REST_API.of(M)) for _ in ANSWER_SIZES)],
            ["HTTP API", *(dollars(HTTP_API.of(M * ceil(size / HTTP_API_STEP))) for size in ANSWER_SIZES)],
        ],
    )


def functions() -> str:
    head = [f"{architecture}, {per_second(rate)}" for rate in RATES for architecture in LAMBDA_SECOND]
    return table(
        ["memory", *head],
        (
            [f"{memory:,} MB"]
            + [dollars(function_dollars(rate, memory, each)) for rate in RATES for each in LAMBDA_SECOND]
            for memory in MEMORIES
        ),
    )


def page() -> str:
    break_even = WRITE_CAPACITY_HOUR / (WRITE_UNIT * 3600)
    rest_less_http = REST_API.of(100 * MONTH) - HTTP_API.of(100 * MONTH)
    dax = 3 * DAX_NODE_HOUR * 730
    dax_reads = dax / (0.5 * READ_UNIT) / MONTH
    reads, writes = (RATES[-1] * mean(of) for of in (lambda w: w.read_units, lambda w: w.write_units))
    partitions = ceil(max(reads / PARTITION_READS, writes / PARTITION_WRITES))
    cores = RATES[-1] * mean(lambda work: work.cpu_ms) / 1000
    fleet = 2 * cores * 730 * (FARGATE_CPU_HOUR + 2 * FARGATE_GB_HOUR)
    return f"""# Scale, on paper

Written by `make scale`, from the inputs at the top of [perf/scale.py](../perf/scale.py): change them there. Nothing on
this page was run at these rates. Steady rates, around the clock; a month is 730 hours.

Prices: {PRICES_OF}.
Quotas: {QUOTAS_OF}. All but a partition's can be raised by a request.

## Inputs

{inputs()}

CPU was measured (AMD EPYC, Python 3.11, medians), DynamoDB's time is an assumption for items of up to 1 KB.
A start takes {COLD_CPU_MS} ms of CPU (measured) and {COLD_LAMBDA_MS} ms of Lambda's own (assumed).
A request logs {LOG_BYTES} bytes and answers {ANSWER_BYTES}. arm64 is taken to be as fast as x86_64.

## Lambda: how many environments, and how soon

{environments()}

An environment takes one request at a time, and Lambda counts at most {REQUESTS_OF_AN_ENVIRONMENT} requests a second on
each, which is what decides the middle columns wherever a request is shorter than 100 ms. It starts
{ENVIRONMENTS_IN_10_SECONDS:,} environments for a function in any 10 seconds. "From cold" is a burst that meets no
environment: every request waits for a start of its own, and what goes beyond the quota of {CONCURRENCY:,} is turned
away. New accounts have quotas as low as 10.

## Which quota is hit first

{quotas()}

API Gateway takes bursts of {API_BURST:,} above its rate. A table on demand takes at once twice the most it ever took,
and throttles what doubles it again within 30 minutes: raise its warm throughput before a launch.

**Hot keys.** An item lives in one partition, whatever the table's size: at most {PARTITION_WRITES:,} writes a second of
up to 1 KB to it, {PARTITION_READS:,} consistent reads of up to 4 KB or {2 * PARTITION_READS:,} eventually consistent
ones. {per_second(RATES[-1])} of this work need {partitions} partitions, and keys spread evenly over them. No quota
raises this: a key that is written more often has to be split (`id#0` … `id#9`), one that is read more often cached.

## Dollars a month

Behind the REST API that both ways of deploying make, and behind the HTTP API of
[http-api.yaml](deploy.md#http-api-instead-of-rest-api):

{bill()}

An HTTP API counts an answer once for each {HTTP_API_STEP} KB, so that large pages are cheaper on REST, which also
compresses them:

{pages()}

And the function alone, by memory and architecture:

{functions()}

From 512 MB up a request spends most of its time waiting for DynamoDB, and memory costs without giving time back; below,
it is slower to start.

## Where the design should change

- **Below 100 requests a second: nowhere.** All of it is on demand, and idle costs nothing.
- **HTTP API**: saves {dollars(rest_less_http)} a month at 100 requests a second, and in proportion:
  {rest_less_http / REST_API.of(100 * MONTH):.0%} of API Gateway's line. Change over as soon as the bill matters, unless
  you need API keys, usage plans, the firewall or compression, or most answers are larger than 1.5 MB. It is a stack
  beside the REST API, and deleting it goes back.
- **Provisioned capacity**: cheaper once the table uses more than {break_even:.0%} of what is provisioned, on average
  over the day; at an even {UTILIZATION:.0%} it costs {provisioned_dollars(1) / on_demand_dollars(1):.0%} of on demand.
  `BillingMode=PROVISIONED` in table.yaml, for traffic that is steady.
- **1,000 requests a second**: well within every quota once warm, if no key is hot. A burst from cold takes
  {concurrency_from_cold(1_000, 1024):,} environments at 1,024 MB and {concurrency_from_cold(1_000, 512):,} at 512 MB;
  there are {CONCURRENCY:,}. Keep the memory, raise the quota, or keep some environments provisioned.
- **{API_RATE:,} requests a second**: API Gateway's and Lambda's quotas are reached together. Raise both before; above,
  several regions, each with a replica of the table, divide every one of these quotas.
- **A direct integration**, API Gateway to DynamoDB with no function, saves the function's line and its
  logs. It keeps nothing of this contract but the shape of a request: worth it for one hot operation beside this API.
- **DAX**: three nodes (dax.r5.large, about ${DAX_NODE_HOUR} an hour) cost {dollars(dax)} a month, what
  {dax_reads:,.0f} eventually consistent reads a second cost. Take it for keys read more often than a partition
  gives, or for reads well above that rate; the function then has to be in the VPC.
- **100,000 requests a second**, steadily, is {cores:,.0f} cores' work. Half used, with 2 GB each, they cost about
  {dollars(fleet)} a month on Fargate beside {dollars(function_dollars(RATES[-1], 1024, "arm64"))} on Lambda, and a load
  balancer costs a small part of API Gateway: from a few thousand steady requests a second the same handler belongs in
  containers.
"""


if __name__ == "__main__":
    PAGE.write_text(page())
