"""The DynamoDB adapter: `DynamoDB.call` sends a request that is written already, and returns the answer unread."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.connections import MAX_IDLE_CONNECTIONS, Network
from chalicelib.sdk import Call, is_proxied, make_client
from chalicelib.service_model import action_model

# API Gateway hangs up after 29 seconds, and Lambda stops the function then too. What DynamoDB answers counts until 26:
# the last attempt may have spent `CONNECT_TIMEOUT_SECONDS` on each address of the endpoint.
DEADLINE_SECONDS = 26.0


class DynamoDB:
    """One boto3 client with its connections, and `call`. The SDK's own environment variables keep their meaning."""

    def __init__(self, endpoint_url: str | None = None, network: Network | None = None) -> None:
        self._network = network or Network()
        self._client = make_client(endpoint_url, self._network)
        self._methods = {action: method for method, action in self._client.meta.method_to_api_mapping.items()}
        # The SDK's timeouts bound each wait for bytes and not their sum.
        self._threads = ThreadPoolExecutor(MAX_IDLE_CONNECTIONS) if is_proxied(self._client) else None

    def call(
        self,
        action: str,
        body: bytes,
        tables: Collection[str] = (),
        *,
        within: float = DEADLINE_SECONDS,
        repeatable: bool,
        restate: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Call a DynamoDB action, for so many seconds at most.

        `body` is the request in DynamoDB's own JSON, `tables` the names or ARNs of the tables that it touches.
        `repeatable` tells that the request may be sent again after its answer was lost; one that was throttled, or not
        sent to its end, always is. `restate` may change the answer of an attempt before it is decided whether there is
        another one.

        Returns the members of the answer as JSON text (`msgspec.Raw`), and `ResponseMetadata` with `RequestId`,
        `HTTPStatusCode` and `RetryAttempts`. Raises botocore's `ClientError` where DynamoDB refused or answered what is
        not its JSON, and `ConnectionError` or `HTTPClientError` where no answer came: `errors.may_be_sent` tells
        whether the request was sent.
        """
        method = getattr(self._client, self._methods[action])
        parameters = _endpoint_parameters(action, tables)
        parameters["Call"] = Call(body, self._network.monotonic() + within, repeatable, restate)
        if self._threads is None:
            answer: dict[str, Any] = method(**parameters)
        else:
            try:
                answer = self._threads.submit(method, **parameters).result(timeout=within)
            except OutOfTime as error:
                raise ReadTimeoutError(endpoint_url=self._client.meta.endpoint_url, error=error) from error
        if "Error" in answer:
            raise ClientError(answer, action)
        return answer


def _endpoint_parameters(action: str, tables: Collection[str]) -> dict[str, Any]:
    """Return what the SDK's endpoint rules look at: they take the account from the first table that is an ARN."""
    members = action_model(action).input_shape.members
    first = [min(tables)] if tables else []
    if "TableName" in members:
        return {"TableName": first[0]} if first else {}
    if "RequestItems" in members:
        return {"RequestItems": {table: {} for table in first}}
    if "TransactItems" in members:
        kind = "Get" if action == "TransactGetItems" else "Put"
        return {"TransactItems": [{kind: {"TableName": table}} for table in first]}
    return {}
