"""The DynamoDB adapter: `DynamoDB.call` sends a request that is written already, and returns the answer unread."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.connections import MAX_IDLE_CONNECTIONS, Network
from chalicelib.sdk import Call, make_client
from chalicelib.service_model import action_model

# API Gateway hangs up after 29 seconds, and Lambda stops the function then too. What DynamoDB answers counts until 26:
# the last attempt may have spent `CONNECT_TIMEOUT_SECONDS` on each address of the endpoint.
DEADLINE_SECONDS = 26.0


class DynamoDB:
    """One boto3 client with its connections, and `call`. The SDK's own environment variables keep their meaning."""

    def __init__(self, endpoint_url: str | None = None, network: Network | None = None) -> None:
        self._network = network or Network()
        self._sdk, self._prepared = make_client(endpoint_url, self._network)
        self._methods = {action: method for method, action in self._sdk.meta.method_to_api_mapping.items()}
        # Behind a proxy the SDK sends. Its timeouts bound each wait for bytes and not their sum.
        self._threads = None if self._prepared else ThreadPoolExecutor(MAX_IDLE_CONNECTIONS)

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
        first = min(tables, default="")
        deadline = self._network.monotonic() + within
        call = Call(body, deadline, repeatable, restate, names_arn=first.startswith("arn:"))
        answer = self._prepared.call(action, call) if self._prepared else None
        if answer is None:
            answer = self._call_anew(action, first, call, within)
        if "Error" in answer:
            raise ClientError(answer, action)
        return answer

    def _call_anew(self, action: str, table: str, call: Call, within: float) -> dict[str, Any]:
        """Call by the SDK's client, from the beginning."""
        method = getattr(self._sdk, self._methods[action])
        parameters = {**_endpoint_parameters(action, table), "Call": call}
        answer: dict[str, Any]
        if self._threads is None:
            answer = method(**parameters)
            return answer
        try:
            answer = self._threads.submit(method, **parameters).result(timeout=within)
        except OutOfTime as error:
            raise ReadTimeoutError(endpoint_url=self._sdk.meta.endpoint_url, error=error) from error
        return answer


def _endpoint_parameters(action: str, table: str) -> dict[str, Any]:
    """Return what the SDK's endpoint rules look at: they take the account from a table that is an ARN."""
    members = action_model(action).input_shape.members
    if "RequestItems" in members:
        return {"RequestItems": {table: {}} if table else {}}
    if "TransactItems" in members:
        kind = "Get" if action == "TransactGetItems" else "Put"
        return {"TransactItems": [{kind: {"TableName": table}}] if table else []}
    return {"TableName": table} if table and "TableName" in members else {}
