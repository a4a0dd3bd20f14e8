// Against the gateway at URL, with the table TABLE whose key is the string `id`: `make run` has both.
import assert from "node:assert/strict";
import { type IncomingHttpHeaders, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import {
  ApiError,
  Client,
  type ClientOptions,
  ExactNumber,
  type Operation,
  type Value,
  apiKey,
  cognito,
  isRepeatable,
  parse,
  stringify,
} from "../src/client.js";
import { sigv4 } from "../src/sigv4.js";

const url = process.env["URL"] ?? "http://127.0.0.1:8000/DynamoDBManager";
const tableName = process.env["TABLE"] ?? "lambda-apigateway";
const client = new Client(url);

const ITEM: { [name: string]: Value } = {
  id: "ts",
  whole: 12345678901234567890123456789012345678n,
  fraction: new ExactNumber("0.1234567890123456789012345678901234567"),
  short: 1.5,
  binary: new Uint8Array([0, 255]),
  yes: true,
  nothing: null,
  list: [1, "two", [new Uint8Array([3])]],
  map: { inner: { $binary: "a map, and not binary" } },
  names: new Set(["a", "b"]),
  numbers: new Set([1, 2.5]),
  blobs: new Set([new Uint8Array([1])]),
  text: '3.14159265358979323846 " \\ 12345678901234567890',
};

test("an item of every type comes back as it was", async () => {
  await client.call({ operation: "create", tableName, payload: { Item: ITEM } });
  const { Item } = await client.call({ operation: "read", tableName, payload: { Key: { id: "ts" } } });
  assert.deepEqual(Item, ITEM);
});

test("in dynamodb-json an item is DynamoDB's own", async () => {
  const { Item } = await client.call({
    operation: "read",
    tableName,
    format: "dynamodb-json",
    payload: { Key: { id: { S: "ts" } } },
  });
  assert.deepEqual(Item?.["whole"], { N: "12345678901234567890123456789012345678" });
  assert.deepEqual(Item?.["map"], { M: { inner: { M: { $binary: { S: "a map, and not binary" } } } } });
});

test("only attribute values are converted", async () => {
  // "$set" is the name of an attribute here, and not of a set.
  await client.call({
    operation: "update",
    tableName,
    payload: { Key: { id: "odd" }, AttributeUpdates: { $set: { Value: new Set(["x"]), Action: "PUT" } } },
  });
  const { Item } = await client.call({
    operation: "read",
    tableName,
    payload: { Key: { id: "odd" }, ProjectionExpression: "#s", ExpressionAttributeNames: { "#s": "$set" } },
  });
  assert.deepEqual(Item, { $set: new Set(["x"]) });
});

test("every digit of every number survives, and only what needs it is no number", () => {
  for (const text of ["0", "-1.5", "1e3", "9007199254740991", "0.30000000000000004", "[1,2.5]"]) {
    assert.deepEqual(parse(text), JSON.parse(text));
  }
  assert.equal(parse("9007199254740993"), 9007199254740993n);
  assert.deepEqual(parse('{"a":[0.1234567890123456789]}'), { a: [new ExactNumber("0.1234567890123456789")] });
  for (const text of ['["12345678901234567890",12345678901234567890]', '{"\\"1":-0.1234567890123456789e-7}']) {
    assert.equal(stringify(parse(text)), text);
  }
  assert.throws(() => stringify({ n: Number.NaN }), /n: NaN is no value/);
  const long = JSON.stringify('\\"1'.repeat(2_000_000));
  assert.equal(stringify(parse(long)), long);
});

test("items walks every page once", async () => {
  const ids = Array.from({ length: 30 }, (_, n) => `page${n}`);
  const [some, rest] = [ids.slice(0, 25), ids.slice(25)];
  for (const part of [some, rest]) {
    await client.call({
      operation: "batchWrite",
      payload: { RequestItems: { [tableName]: part.map((id) => ({ PutRequest: { Item: { id } } })) } },
    });
  }
  const found: Value[] = [];
  for await (const { id } of client.items({ operation: "list", tableName, payload: { Limit: 7 } }))
    found.push(id ?? null);
  assert.equal(new Set(found).size, found.length);
  assert.ok(ids.every((id) => found.includes(id)));
});

test("an error says what the gateway said", async () => {
  const twice = client.call({
    operation: "create",
    tableName,
    payload: {
      Item: { id: "ts" },
      ConditionExpression: "attribute_not_exists(id)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  await assert.rejects(twice, (error: ApiError) => {
    assert.deepEqual([error.status, error.code], [409, "ConditionalCheckFailedException"]);
    assert.deepEqual(error.details["Item"], ITEM);
    return Boolean(error.requestId);
  });
});

// A server that answers as it is told, once for each of these; then with an empty success. The status 0 is no answer.
type Told = { status: number; body?: unknown; headers?: Record<string, string> };
let script: Told[] = [];
let seen: { body: { operation: Operation; payload: Record<string, unknown> }; headers: IncomingHttpHeaders }[] = [];
const server = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  seen.push({ body: JSON.parse(text), headers: request.headers });
  const { status, body = {}, headers = {} } = script.shift() ?? { status: 200 };
  if (status) response.writeHead(status, headers).end(JSON.stringify(body));
  else request.socket.destroy();
});
before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
after(() => server.close().closeAllConnections());

function told(answers: Told[], options: ClientOptions = {}): Client {
  [script, seen] = [answers, []];
  return new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}/DynamoDBManager`, options);
}

const READ = { operation: "read", tableName: "t", payload: { Key: { id: "1" } } } as const;
const CREATE = { operation: "create", tableName: "t", payload: { Item: { id: "1" } } } as const;
const UPDATE = {
  operation: "update",
  tableName: "t",
  payload: { Key: { id: "1" }, UpdateExpression: "ADD n :n" },
} as const;
const THROTTLED = {
  status: 429,
  body: { Code: "ThrottlingException", Message: "Slower." },
  headers: { "Retry-After": "0" },
};
const CONFLICT = { status: 409, body: { Code: "TransactionConflictException", Message: "Later." } };
const LOST = [{ status: 503 }, { status: 504, body: { message: "Endpoint request timed out" } }, { status: 0 }];

test("what had no effect is always sent again", async () => {
  for (const answer of [THROTTLED, CONFLICT]) {
    await told([answer, answer]).call(UPDATE);
    assert.equal(seen.length, 3);
  }
});

test("after a lost answer only what may be repeated is", async () => {
  for (const answer of LOST) {
    for (const call of [READ, CREATE]) {
      await told([answer]).call<Operation>(call);
      assert.equal(seen.length, 2);
    }
    await assert.rejects(told([answer]).call(UPDATE), (error: ApiError) => error.maybeApplied);
    assert.equal(seen.length, 1);
  }
  assert.ok(!isRepeatable({ operation: "delete", payload: { ConditionExpression: "attribute_exists(id)" } }));
  assert.ok(!isRepeatable({ operation: "create", payload: { ReturnValues: "ALL_OLD" } }));
});

test("once repeats any write under one token", async () => {
  await told([...LOST]).call(UPDATE, { once: true });
  const tokens = seen.map(({ body }) => body.payload["ClientRequestToken"]);
  assert.equal(tokens.length, 4);
  assert.equal(new Set(tokens).size, 1);
  assert.match(String(tokens[0]), /^[0-9a-f]{32}$/);
});

test("attempts end, and a refusal is not repeated", async () => {
  await assert.rejects(told(Array(9).fill(THROTTLED), { attempts: 3 }).call(READ), /ThrottlingException: Slower/);
  assert.equal(seen.length, 3);
  await assert.rejects(told([{ status: 403, body: { message: "Forbidden" } }]).call(READ), /Http403: Forbidden/);
  assert.equal(seen.length, 1);
});

test("unprocessed items are sent again", async () => {
  const rest = [{ PutRequest: { Item: { id: "2", raw: { $binary: "AQ==" } } } }];
  const pages = told([{ status: 200, body: { UnprocessedItems: { Item: rest } } }]).pages({
    operation: "batchWrite",
    payload: { RequestItems: { Item: [{ PutRequest: { Item: { id: "2", raw: new Uint8Array([1]) } } }] } },
  });
  for await (const _ of pages);
  assert.deepEqual(
    seen.map(({ body }) => body.payload),
    Array(2).fill({ RequestItems: { Item: rest } }),
  );
});

test("a signal ends a call and its waits", async () => {
  const waiting = told([{ ...THROTTLED, headers: { "Retry-After": "19" } }]).call(READ, {
    signal: AbortSignal.timeout(100),
  });
  await assert.rejects(waiting, { name: "TimeoutError" });
});

test("each way to authorize sends its header", async () => {
  for (const [auth, header, value] of [
    [apiKey("key"), "x-api-key", "key"],
    [cognito("token"), "authorization", "token"],
    [cognito(async () => "fresh"), "authorization", "fresh"],
  ] as const) {
    await told([], { auth }).call({ operation: "ping" });
    assert.equal(seen[0]?.headers[header], value);
  }
  const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" };
  await told([], { auth: sigv4(() => credentials, "eu-west-1") }).call({ operation: "ping" });
  assert.match(
    String(seen[0]?.headers["authorization"]),
    /Credential=AKID\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
  );
  assert.equal(seen[0]?.headers["x-amz-security-token"], "token");
  assert.equal(seen[0]?.headers["content-type"], "application/json");
  const signed = await sigv4(credentials)("https://abc.execute-api.us-west-2.amazonaws.com/Prod/DynamoDBManager", "{}");
  assert.match(String(signed["authorization"]), /us-west-2/);
});
