"""CloudWatch's embedded metric format, by the rules of its specification."""

from typing import Any, NamedTuple

# The API reference of MetricDatum, without the units of a rate.
UNITS = {"Seconds", "Milliseconds", "Microseconds", "Bytes", "Kilobytes", "Megabytes", "Percent", "Count", "None"}


class Metric(NamedTuple):
    namespace: str
    name: str
    dimensions: frozenset[str]


def metrics_of(line: dict[str, Any]) -> set[Metric]:
    """The metrics CloudWatch makes of a line. Asserts that it makes any, and refuses none."""
    metadata = line["_aws"]
    assert set(metadata) == {"Timestamp", "CloudWatchMetrics"}
    assert type(metadata["Timestamp"]) is int
    found: set[Metric] = set()
    for directive in metadata["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 1024
        assert directive["Dimensions"]
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert set(metric) == {"Name", "Unit"}
            assert metric["Unit"] in UNITS
            assert type(line[metric["Name"]]) in (int, float)
            for dimensions in directive["Dimensions"]:
                assert len(dimensions) == len(set(dimensions)) <= 30
                assert all(isinstance(line[name], str) and 1 <= len(line[name]) <= 1024 for name in dimensions)
                found.add(Metric(directive["Namespace"], metric["Name"], frozenset(dimensions)))
    assert found
    return found
