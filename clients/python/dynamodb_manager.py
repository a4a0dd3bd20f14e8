"""A client of `POST /DynamoDBManager` in one file: Python 3.10 or newer, and the standard library.

    client = Client("http://127.0.0.1:8000/DynamoDBManager")
    client.call("create", "lambda-apigateway", {"Item": {"id": "1", "price": Decimal("9.90"), "tags": {"a", "b"}}})
    client.call("read", "lambda-apigateway", {"Key": {"id": "1"}})["Item"]

Attribute values are Python's own, both ways and without loss:

    S str    N int, Decimal    B bytes    BOOL bool    NULL None    L list    M dict    SS, NS, BS set

A number is read as an int if it is written without a fraction and an exponent, and as a Decimal otherwise.
"""

import json
import random
import select
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import count
from typing import Any, Literal, TypedDict, overload
from urllib.parse import urlsplit
from uuid import uuid4

# An item, a key or any other map of attribute names to values.
Item = dict[str, Any]

# What identifies the caller: the headers to add to a request, from its URL and its body.
Auth = Callable[[str, bytes], Mapping[str, str]]

# API Gateway answers within 29 seconds.
TIMEOUT_SECONDS = 35.0
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 20.0


class ApiError(Exception):
    """An answer other than 200, or none.

    `status` is the HTTP status, or 0 where no answer came. `code` is DynamoDB's exception name or the gateway's own,
    "NotSent" where no connection could be made, "NoAnswer" where the answer was lost. `details` holds what DynamoDB
    adds to its error: `Item`, `CancellationReasons`. `request_id` is what the operator finds the request by.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        request_id: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after: float = 0,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.details = details or {}
        self.retry_after = retry_after

    @property
    def not_applied(self) -> bool:
        """Tell whether the request is sure to have had no effect, and may succeed later."""
        return self.status == 429 or self.code in _NOT_APPLIED

    @property
    def maybe_applied(self) -> bool:
        """Tell whether the request may or may not have been applied, and may succeed later."""
        return self.status in (0, 502, 503, 504) and not self.not_applied


_NOT_APPLIED = ("NotSent", "TransactionConflictException", "TransactionInProgressException")


def api_key(key: str) -> Auth:
    """Send an API key."""
    return lambda url, body: {"x-api-key": key}


def cognito(token: str | Callable[[], str]) -> Auth:
    """Send the ID token of a Cognito user pool, or what a function returns that keeps one fresh."""
    return lambda url, body: {"Authorization": token() if callable(token) else token}


def sigv4(region: str | None = None, session: Any = None) -> Auth:
    """Sign with AWS credentials; needs botocore.

    `region` is the API's, by default the one in its host name, or else the session's. `session` is a botocore session.
    Raises `ImportError` without botocore, and `ValueError` without credentials or a region.
    """
    try:
        import botocore.session
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
    except ImportError:
        raise ImportError("SigV4 needs botocore: pip install botocore") from None
    session = session or botocore.session.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise ValueError("There are no AWS credentials. Configure them as for the AWS CLI.")

    def sign(url: str, body: bytes) -> Mapping[str, str]:
        where = region or _region_of(url) or session.get_config_variable("region")
        if where is None:
            raise ValueError("The host name does not tell the region of the API: sigv4(region=…).")
        request = AWSRequest("POST", url, data=body)
        SigV4Auth(credentials.get_frozen_credentials(), "execute-api", where).add_auth(request)
        return dict(request.headers)

    return sign


def _region_of(url: str) -> str | None:
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[2] if labels[1:2] == ["execute-api"] else None


class Answer(TypedDict, total=False):
    """What every answer of DynamoDB may hold."""

    ResponseMetadata: dict[str, Any]
    ConsumedCapacity: Any
    ItemCollectionMetrics: Any


class ReadAnswer(Answer, total=False):
    Item: Item


class WriteAnswer(Answer, total=False):
    Attributes: Item


class PageAnswer(Answer, total=False):
    Items: list[Item]
    Count: int
    ScannedCount: int
    LastEvaluatedKey: Item


class BatchReadAnswer(Answer, total=False):
    Responses: dict[str, list[Item]]
    UnprocessedKeys: dict[str, Any]


class BatchWriteAnswer(Answer, total=False):
    UnprocessedItems: dict[str, list[dict[str, Any]]]


class TransactReadAnswer(Answer, total=False):
    Responses: list[ReadAnswer]


class DescribeAnswer(Answer, total=False):
    Table: dict[str, Any]


class TablesAnswer(TypedDict, total=False):
    TableNames: list[str]
    LastEvaluatedTableName: str


Payload = Mapping[str, Any]
# For each operation that may answer with a part: the member that tells where it stopped, and the one that goes on.
_NEXT = {
    "list": ("LastEvaluatedKey", "ExclusiveStartKey"),
    "query": ("LastEvaluatedKey", "ExclusiveStartKey"),
    "tables": ("LastEvaluatedTableName", "ExclusiveStartTableName"),
    "batchRead": ("UnprocessedKeys", "RequestItems"),
    "batchWrite": ("UnprocessedItems", "RequestItems"),
}


class Client:
    """One connection to the resource, kept open between calls. Each thread needs a client of its own.

    `attempts` is how often a request is sent at most. A request is sent again after 429, after 409 for a transaction in
    conflict or in progress, and where no connection could be made: it had no effect. After 502, 503, 504 or a lost
    answer it is sent again only if that cannot change an item or an answer (`is_repeatable`).
    """

    def __init__(
        self, url: str, auth: Auth | None = None, *, timeout: float = TIMEOUT_SECONDS, attempts: int = 5
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the URL of the resource, such as http://127.0.0.1:8000/DynamoDBManager.")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._url = url
        self._target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._auth = auth
        self._attempts = attempts

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._connection.close()

    @overload
    def call(self, operation: Literal["read"], table: str, payload: Payload) -> ReadAnswer: ...
    @overload
    def call(
        self, operation: Literal["create", "update", "delete"], table: str, payload: Payload, *, once: bool = False
    ) -> WriteAnswer: ...
    @overload
    def call(self, operation: Literal["list"], table: str, payload: Payload | None = None) -> PageAnswer: ...
    @overload
    def call(self, operation: Literal["query"], table: str, payload: Payload) -> PageAnswer: ...
    @overload
    def call(
        self, operation: Literal["batchRead"], table: str | None = None, payload: Payload = ...
    ) -> BatchReadAnswer: ...
    @overload
    def call(
        self, operation: Literal["batchWrite"], table: str | None = None, payload: Payload = ...
    ) -> BatchWriteAnswer: ...
    @overload
    def call(
        self, operation: Literal["transactRead"], table: str | None = None, payload: Payload = ...
    ) -> TransactReadAnswer: ...
    @overload
    def call(self, operation: Literal["transactWrite"], table: str | None = None, payload: Payload = ...) -> Answer: ...
    @overload
    def call(
        self, operation: Literal["tables"], table: None = None, payload: Payload | None = None
    ) -> TablesAnswer: ...
    @overload
    def call(self, operation: Literal["describe"], table: str) -> DescribeAnswer: ...
    @overload
    def call(self, operation: Literal["echo"], table: None = None, payload: Any = None) -> Any: ...
    @overload
    def call(self, operation: Literal["ping"]) -> str: ...

    def call(self, operation: str, table: str | None = None, payload: Any = None, *, once: bool = False) -> Any:
        """Call an operation with DynamoDB's parameters and return its answer. Raises `ApiError`.

        `once=True` sends a `ClientRequestToken` with create, update or delete: the write is then applied once however
        often it is sent, so that it is sent again like a read. It costs twice the write units and excludes
        `ReturnValues` and the legacy parameters. `transactWrite` always carries one.
        """
        if operation == "transactWrite" or once:
            payload = {"ClientRequestToken": str(uuid4()), **payload}
        plain = payload if operation == "echo" else _convert(payload, _PAYLOAD, to_json)
        try:
            answer = self.send(request(operation, table, plain), is_repeatable(operation, payload))
        except ApiError as error:
            error.details = _convert(error.details, _ANSWER, from_json)
            raise
        return answer if operation == "echo" else _convert(answer, _ANSWER, from_json)

    def pages(self, operation: str, table: str | None = None, payload: Payload | None = None) -> Iterator[Any]:
        """Call an operation until nothing is left of its answer, and yield every answer.

        `list`, `query` and `tables` go on where the last answer stopped; `batchRead` and `batchWrite` send again, after
        a pause, what DynamoDB has not processed.
        """
        stopped_at, go_on = _NEXT[operation]
        payload = payload or {}
        for attempt in count(1):
            answer = self.call(operation, table, payload)  # type: ignore[call-overload]
            yield answer
            if not answer.get(stopped_at):
                return
            payload = {**payload, go_on: answer[stopped_at]}
            if stopped_at.startswith("Unprocessed"):
                time.sleep(wait_seconds(attempt))

    def items(self, operation: Literal["list", "query"], table: str, payload: Payload | None = None) -> Iterator[Item]:
        """Yield every item of a `list` or a `query`, page after page."""
        for page in self.pages(operation, table, payload):
            yield from page["Items"]

    def send(self, body: str, repeatable: bool) -> Any:
        """Send a request object as it stands and return the answer, with no attribute value converted.

        Raises `ApiError` for an answer other than 200, once the request has been sent as often as it may be.
        """
        for attempt in range(1, self._attempts):
            try:
                return self._exchange(body.encode())
            except ApiError as error:
                again = error.not_applied or (repeatable and error.maybe_applied)
                if not again or error.retry_after > LONGEST_WAIT_SECONDS:
                    raise
                time.sleep(error.retry_after + wait_seconds(attempt))
        return self._exchange(body.encode())

    def _exchange(self, body: bytes) -> Any:
        headers = {"Content-Type": "application/json", **(self._auth(self._url, body) if self._auth else {})}
        try:
            self._connect()
        except OSError as error:
            raise ApiError(0, "NotSent", f"No connection to {self._url}: {error}") from error
        try:
            self._connection.request("POST", self._target, body, headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, HTTPException) as error:
            self.close()
            raise ApiError(0, "NoAnswer", f"No answer from {self._url}: {error or type(error).__name__}") from error
        return _read(response, text)

    def _connect(self) -> None:
        socket = self._connection.sock
        # An idle connection that can be read has been closed by the other side.
        if socket is not None and select.select([socket], [], [], 0)[0]:
            self.close()
        if self._connection.sock is None:
            self._connection.connect()


def is_repeatable(operation: str, payload: Any) -> bool:
    """Tell whether a request may be sent again after its answer was lost: it changes no item and no answer."""
    if operation not in ("create", "update", "delete", "transactWrite") or "ClientRequestToken" in payload:
        return True
    conditional = "ConditionExpression" in payload or "Expected" in payload
    returns = payload.get("ReturnValues", "NONE") != "NONE"
    return operation in ("create", "delete") and not conditional and not returns


def wait_seconds(attempt: int) -> float:
    """Return how long to wait before another attempt: twice as long each time, and at random, so that clients part."""
    longest: float = min(FIRST_WAIT_SECONDS * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS)
    return longest * random.uniform(0.5, 1)


def _read(response: HTTPResponse, text: bytes) -> Any:
    """Return an answer of 200, parsed; raise any other."""
    try:
        answer = parse(text.decode())
    except ValueError:
        answer = None
    if response.status == 200 and answer is not None:
        return answer
    # API Gateway's own refusals have other names for the same things.
    members = answer if isinstance(answer, dict) else {}
    code = members.get("Code") or response.headers.get("x-amzn-ErrorType") or f"Http{response.status}"
    message = members.get("Message") or members.get("message") or text[:200].decode(errors="replace")
    request_id = members.get("RequestId") or response.headers.get("X-Request-Id")
    request_id = request_id or response.headers.get("x-amzn-RequestId")
    details = {name: member for name, member in members.items() if name not in ("Code", "Message", "RequestId")}
    after = response.headers.get("Retry-After", "")
    raise ApiError(
        response.status,
        code,
        message,
        request_id,
        details,
        float(after) if after.isdecimal() else 0,
    )


def request(operation: str, table: str | None, payload: Any) -> str:
    """Return a request object as JSON text; its attribute values are plain JSON already."""
    members = {"operation": operation, "tableName": table, "payload": payload}
    return to_text({name: member for name, member in members.items() if member is not None})


def parse(text: str) -> Any:
    """Parse JSON with every digit of every number kept: as an int, or as a Decimal."""
    return json.loads(text, parse_float=Decimal)


def to_text(value: Any) -> str:
    """Write JSON with every digit of every int and Decimal. Raises `TypeError` for a float, which rounds."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{json.dumps(name)}:{to_text(member)}" for name, member in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(to_text, value)) + "]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float, which rounds most fractions. Send Decimal({str(value)!r}).")
    raise TypeError(f"{value!r} is no value that DynamoDB holds.")


# An object whose only member has one of these names is not a plain map.
_MARKERS = ("$binary", "$set", "$map")


def to_json(value: Any) -> Any:
    """Turn a Python value into the gateway's plain JSON: `{"$binary": …}`, `{"$set": […]}` and the others."""
    if isinstance(value, dict):
        members = {name: to_json(member) for name, member in value.items()}
        return {"$map": members} if len(members) == 1 and next(iter(members)) in _MARKERS else members
    if isinstance(value, list | tuple):
        return [to_json(member) for member in value]
    if isinstance(value, set | frozenset):
        return {"$set": [to_json(member) for member in value]}
    if isinstance(value, bytes | bytearray):
        return {"$binary": b64encode(value).decode()}
    return value


def from_json(value: Any) -> Any:
    """Turn the gateway's plain JSON into a Python value."""
    if isinstance(value, list):
        return [from_json(member) for member in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, content),) = value.items()
        if name == "$binary":
            return b64decode(content)
        if name == "$set":
            return {from_json(member) for member in content}
        if name == "$map":
            value = content
    return {name: from_json(member) for name, member in value.items()}


# Where attribute values stand in a payload and in an answer. "*" is any name; lists count as their members.
_VALUE: dict[str, Any] = {}
_ITEM = {"*": _VALUE}
_CONDITION = {"Value": _VALUE, "AttributeValueList": _VALUE}
_PARAMETERS = {"Item": _ITEM, "Key": _ITEM, "ExpressionAttributeValues": _ITEM}
_PAYLOAD = {
    **_PARAMETERS,
    "ExclusiveStartKey": _ITEM,
    "RequestItems": {"*": {"PutRequest": _PARAMETERS, "DeleteRequest": _PARAMETERS, "Keys": _ITEM}},
    "TransactItems": {"*": _PARAMETERS},
    "Expected": {"*": _CONDITION},
    "AttributeUpdates": {"*": _CONDITION},
    "KeyConditions": {"*": _CONDITION},
    "QueryFilter": {"*": _CONDITION},
    "ScanFilter": {"*": _CONDITION},
}
_COLLECTION = {"ItemCollectionKey": _ITEM}
_ANSWER = {
    "Item": _ITEM,
    "Items": _ITEM,
    "Attributes": _ITEM,
    "LastEvaluatedKey": _ITEM,
    # By table, or in the order of the transaction.
    "Responses": {"*": _ITEM},
    "UnprocessedKeys": _PAYLOAD["RequestItems"],
    "UnprocessedItems": _PAYLOAD["RequestItems"],
    "ItemCollectionMetrics": {**_COLLECTION, "*": _COLLECTION},
    "CancellationReasons": {"Item": _ITEM},
}


def _convert(value: Any, places: Mapping[str, Any], convert: Callable[[Any], Any]) -> Any:
    """Convert the attribute values in a payload or an answer, and nothing else."""
    if places is _VALUE:
        return convert(value)
    if isinstance(value, list | tuple):
        return [_convert(member, places, convert) for member in value]
    if not isinstance(value, Mapping):
        return value
    elsewhere = places.get("*")
    return {
        name: member if (place := places.get(name, elsewhere)) is None else _convert(member, place, convert)
        for name, member in value.items()
    }
