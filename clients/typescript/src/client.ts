/**
 * A typed client of `POST /DynamoDBManager` for browsers, Node 20 or newer, and whatever else has `fetch`.
 *
 *     const client = new Client("http://127.0.0.1:8000/DynamoDBManager");
 *     const { Item } = await client.call({
 *       operation: "read", tableName: "lambda-apigateway", payload: { Key: { id: "1" } },
 *     });
 *
 * The types of payloads and results are generated from the API's OpenAPI document. Attribute values are JavaScript's
 * own, both ways and without loss; with `format: "dynamodb-json"` they are DynamoDB's own JSON.
 */

import type { components } from "./schema.js";

type Operations = components["schemas"]["Operations"];
export type Operation = keyof Operations;
export type Format = "json" | "dynamodb-json";
export type Write = "create" | "update" | "delete";

/** The request object of an operation. */
export type Call<O extends Operation, F extends Format = "json"> = { operation: O; format?: F } & Omit<
  Operations[O][F],
  "result"
>;
/** What an operation answers. */
export type Result<O extends Operation, F extends Format = "json"> = Operations[O][F]["result"];

/**
 * An attribute value. A number that a `number` cannot hold exactly is a `bigint` where it is whole, and an
 * `ExactNumber` otherwise.
 */
export type Value =
  | string
  | number
  | bigint
  | ExactNumber
  | boolean
  | null
  | Uint8Array
  | Set<string>
  | Set<number | bigint | ExactNumber>
  | Set<Uint8Array>
  | Value[]
  | { [name: string]: Value };

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A decimal number with all of its digits. */
export class ExactNumber {
  constructor(readonly text: string) {
    if (!NUMBER.test(text)) throw new TypeError(`"${text}" is not a number as JSON writes it.`);
  }

  toString(): string {
    return this.text;
  }
}

/**
 * An answer other than 200, or none.
 *
 * `status` is the HTTP status, or 0 where no answer came; `code` is DynamoDB's name of the error or the gateway's own.
 * `details` holds what DynamoDB adds: `Item`, `CancellationReasons`. The operator finds the request by `requestId`.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId?: string,
    readonly details: Record<string, unknown> = {},
    readonly retryAfterSeconds = 0,
    cause?: unknown,
  ) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
  }

  /** Whether the request is sure to have had no effect, and may succeed later. */
  get notApplied(): boolean {
    return this.status === 429 || NOT_APPLIED.has(this.code);
  }

  /** Whether the request may or may not have been applied, and may succeed later. */
  get maybeApplied(): boolean {
    return LOST.has(this.status) && !this.notApplied;
  }
}

const NOT_APPLIED = new Set(["TransactionConflictException", "TransactionInProgressException"]);
// 0 is no answer at all.
const LOST = new Set([0, 502, 503, 504]);

/** What identifies the caller: the headers to add to a request, from its URL and its body. */
export type Auth = (url: string, body: string) => Record<string, string> | Promise<Record<string, string>>;

/** Sends an API key. */
export function apiKey(key: string): Auth {
  return () => ({ "x-api-key": key });
}

/** Sends the id token of a Cognito user pool, or what a function returns that keeps one fresh. */
export function cognito(token: string | (() => string | Promise<string>)): Auth {
  return async () => ({ Authorization: typeof token === "string" ? token : await token() });
}

export interface ClientOptions {
  auth?: Auth;
  /** How often a request is sent at most; 5 by default. */
  attempts?: number;
  /** How long one attempt may take; 35 seconds by default, as API Gateway answers within 29. */
  timeoutMilliseconds?: number;
}

export type CallOptions<O extends Operation> = { signal?: AbortSignal } & (O extends Write
  ? {
      /**
       * Sends a `ClientRequestToken`: the write is then applied once however often it is sent, so that it is sent again
       * like a read. It costs twice the write units, and excludes `ReturnValues` and the legacy parameters.
       * `transactWrite` always carries one.
       */
      once?: boolean;
    }
  : unknown);

/** Where an operation that may answer in parts says how far it came, and the parameter that goes on from there. */
const NEXT = {
  list: ["LastEvaluatedKey", "ExclusiveStartKey"],
  query: ["LastEvaluatedKey", "ExclusiveStartKey"],
  tables: ["LastEvaluatedTableName", "ExclusiveStartTableName"],
  batchRead: ["UnprocessedKeys", "RequestItems"],
  batchWrite: ["UnprocessedItems", "RequestItems"],
} as const;

type Json = Record<string, unknown>;
type AnyCall = { operation: Operation; format?: Format; payload?: unknown };
/** An item as `list` and `query` answer it. */
type ItemOf<F extends Format> = NonNullable<Result<"list", F>["Items"]>[number];

/**
 * Calls the resource.
 *
 * A request is sent again after 429 and after 409 for a transaction in conflict or in progress: it had no effect. After
 * 502, 503, 504 or no answer it is sent again only if that cannot change an item or an answer (`isRepeatable`).
 */
export class Client {
  readonly #attempts: number;
  readonly #timeoutMilliseconds: number;
  readonly #auth: Auth;

  constructor(
    readonly url: string,
    { auth = () => ({}), attempts = 5, timeoutMilliseconds = 35_000 }: ClientOptions = {},
  ) {
    this.#auth = auth;
    this.#attempts = attempts;
    this.#timeoutMilliseconds = timeoutMilliseconds;
  }

  /** Calls an operation and returns its answer. Throws `ApiError`. */
  async call<O extends Operation, F extends Format = "json">(
    call: Call<O, F>,
    options: CallOptions<O> = {} as CallOptions<O>,
  ): Promise<Result<O, F>> {
    const { once = false, signal } = options as { once?: boolean; signal?: AbortSignal };
    const plain: AnyCall = { ...(call as AnyCall) };
    const values = plain.operation !== "echo" && plain.format !== "dynamodb-json";
    if (once || plain.operation === "transactWrite") {
      plain.payload = { ClientRequestToken: randomText(), ...(plain.payload as Json) };
    }
    const repeatable = isRepeatable(plain);
    if (values) plain.payload = convert(plain.payload, PAYLOAD, toJson);
    const body = stringify(plain);
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#exchange(body, signal, values);
        return answer as Result<O, F>;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const again = error.notApplied || (repeatable && error.maybeApplied);
        if (!again || attempt >= this.#attempts || error.retryAfterSeconds > LONGEST_WAIT_SECONDS) throw error;
        await wait(error.retryAfterSeconds + waitSeconds(attempt), signal);
      }
    }
  }

  /**
   * Calls an operation until nothing is left of its answer, and yields every answer: `list`, `query` and `tables` go on
   * where the last answer stopped, `batchRead` and `batchWrite` send again, after a pause, what was not processed.
   */
  async *pages<O extends keyof typeof NEXT, F extends Format = "json">(
    call: Call<O, F>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<Result<O, F>, void> {
    const [stoppedAt, goOn] = NEXT[call.operation];
    for (let next = call, attempt = 1; ; attempt++) {
      const answer = await this.call<O, F>(next, options as CallOptions<O>);
      yield answer;
      const rest = (answer as Json)[stoppedAt];
      if (rest === undefined || Object.keys(rest as object).length === 0) return;
      next = { ...next, payload: { ...((next as AnyCall).payload as Json), [goOn]: rest } };
      if (stoppedAt.startsWith("Unprocessed")) await wait(waitSeconds(attempt), options.signal);
    }
  }

  /** Yields every item of a `list` or a `query`, page after page. */
  async *items<O extends "list" | "query", F extends Format = "json">(
    call: Call<O, F>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<ItemOf<F>, void> {
    for await (const page of this.pages<O, F>(call, options)) yield* (page as { Items: ItemOf<F>[] }).Items;
  }

  async #exchange(body: string, signal: AbortSignal | undefined, values: boolean): Promise<unknown> {
    const headers = new Headers(await this.#auth(this.url, body));
    headers.set("Content-Type", "application/json");
    const timeout = AbortSignal.timeout(this.#timeoutMilliseconds);
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url, {
        method: "POST",
        headers,
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      text = await response.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw new ApiError(0, "NoAnswer", `No answer from ${this.url}: ${reason(error)}`, undefined, {}, 0, error);
    }
    const answer = parsed(text);
    if (response.status !== 200 || answer === undefined) throw refusal(response, answer, text, values);
    return values ? convert(answer, ANSWER, fromJson) : answer;
  }
}

/** Tells whether a request may be sent again after its answer was lost: it changes no item and no answer. */
export function isRepeatable(call: { operation: Operation; payload?: unknown }): boolean {
  const payload = (call.payload ?? {}) as Json;
  if (!["create", "update", "delete", "transactWrite"].includes(call.operation)) return true;
  if ("ClientRequestToken" in payload) return true;
  const returns = (payload["ReturnValues"] ?? "NONE") !== "NONE";
  const conditional = "ConditionExpression" in payload || "Expected" in payload;
  return (call.operation === "create" || call.operation === "delete") && !returns && !conditional;
}

const FIRST_WAIT_SECONDS = 0.1;
const LONGEST_WAIT_SECONDS = 20;

/** How long to wait before another attempt: twice as long each time, and at random, so that clients part. */
function waitSeconds(attempt: number): number {
  return Math.min(FIRST_WAIT_SECONDS * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS) * (0.5 + Math.random() / 2);
}

/** 32 random characters. Unlike `crypto.randomUUID` this works on a page that came without TLS, too. */
function randomText(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function wait(seconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
  signal?.throwIfAborted();
}

function reason(error: unknown): string {
  const cause = (error as Error).cause;
  return cause instanceof Error ? cause.message : String((error as Error).message);
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** The error of an answer other than 200. API Gateway's own refusals have other names for the same things. */
function refusal({ status, headers }: Response, answer: unknown, text: string, values: boolean): ApiError {
  const { Code, Message, message, RequestId, ...details } = (answer ?? {}) as Record<string, string | undefined>;
  const after = headers.get("Retry-After") ?? "";
  return new ApiError(
    status,
    Code ?? headers.get("x-amzn-ErrorType") ?? `Http${status}`,
    Message ?? message ?? text.slice(0, 200),
    RequestId ?? headers.get("X-Request-Id") ?? headers.get("x-amzn-RequestId") ?? undefined,
    (values ? convert(details, ANSWER, fromJson) : details) as Json,
    /^\d+$/.test(after) ? Number(after) : 0,
  );
}

// JSON with every digit of every number. A runtime that has JSON.rawJSON and the source text in JSON.parse could do
// without the mark; this works in all of them.

const MARK = `${randomText()}:`;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, "g");
const ESCAPE_QUOTE_OR_NUMBER = /\\.|"|-?\d[\d.eE+-]*/g;
// A shorter number is exact.
const LONG = /[\d.eE+-]{16}/;

/** Writes JSON with every digit of every `bigint` and `ExactNumber`. Throws for NaN and Infinity. */
export function stringify(value: unknown): string {
  let marked = false;
  const text = JSON.stringify(value, (name, member: unknown) => {
    if (typeof member === "number" && !Number.isFinite(member)) {
      throw new TypeError(`${name}: ${member} is no value that DynamoDB holds.`);
    }
    if (typeof member !== "bigint" && !(member instanceof ExactNumber)) return member;
    marked = true;
    return MARK + member;
  });
  return marked ? text.replace(MARKED, "$1") : text;
}

/** Parses JSON. A number that a `number` cannot hold exactly becomes a `bigint` or an `ExactNumber`. */
export function parse(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text);
  let marked = false;
  let inString = false;
  const exact = text.replace(ESCAPE_QUOTE_OR_NUMBER, (token) => {
    if (token === '"') inString = !inString;
    if (inString || !LONG.test(token) || canonical(token) === canonical(String(Number(token)))) return token;
    marked = true;
    return `"${MARK}${token}"`;
  });
  if (!marked) return JSON.parse(text);
  return JSON.parse(exact, (_, member: unknown) => {
    if (typeof member !== "string" || !member.startsWith(MARK)) return member;
    const number = member.slice(MARK.length);
    return /^-?\d+$/.test(number) ? BigInt(number) : new ExactNumber(number);
  });
}

/** A number as its significant digits and its exponent, so that equal numbers read the same. */
function canonical(number: string): string {
  const [mantissa = "", exponent = "0"] = number.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const significant = digits.replace(/0+$/, "");
  return `${significant.replace(/^(-?)0+/, "$1")}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

// Attribute values, and where they stand.

/** Turns a value of JavaScript into the gateway's plain JSON: `{"$binary": …}`, `{"$set": […]}` and the others. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $binary: toBase64(value) };
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  const members = mapped(value as Json, toJson);
  return isMarked(members) ? { $map: members } : members;
}

/** Turns the gateway's plain JSON into a value of JavaScript. */
function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  const members = value as Json;
  if (!isMarked(members)) return mapped(members, fromJson);
  const { $binary, $set, $map } = members;
  if ($binary !== undefined) return fromBase64($binary as string);
  if ($set !== undefined) return new Set(($set as unknown[]).map(fromJson));
  return mapped($map as Json, fromJson);
}

/** Whether an object's only member says that it is not a plain map. */
function isMarked(members: Json): boolean {
  const names = Object.keys(members);
  return names.length === 1 && ["$binary", "$set", "$map"].includes(names[0] as string);
}

function mapped(members: Json, change: (member: unknown, name: string) => unknown): Json {
  // Object.fromEntries defines "__proto__" as the member that it is here.
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member, name)]));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Where attribute values stand: "*" is any name, and lists count as their members. */
interface Places {
  [name: string]: Places | undefined;
}

const VALUE: Places = {};
const ITEM: Places = { "*": VALUE };
const CONDITIONS: Places = { "*": { Value: VALUE, AttributeValueList: VALUE } };
const PARAMETERS: Places = { Item: ITEM, Key: ITEM, ExpressionAttributeValues: ITEM };
const REQUEST_ITEMS: Places = { "*": { PutRequest: PARAMETERS, DeleteRequest: PARAMETERS, Keys: ITEM } };
const PAYLOAD: Places = {
  ...PARAMETERS,
  ExclusiveStartKey: ITEM,
  RequestItems: REQUEST_ITEMS,
  TransactItems: { "*": PARAMETERS },
  Expected: CONDITIONS,
  AttributeUpdates: CONDITIONS,
  KeyConditions: CONDITIONS,
  QueryFilter: CONDITIONS,
  ScanFilter: CONDITIONS,
};
const COLLECTION: Places = { ItemCollectionKey: ITEM };
const ANSWER: Places = {
  Item: ITEM,
  Items: ITEM,
  Attributes: ITEM,
  LastEvaluatedKey: ITEM,
  // By table, or in the order of the transaction.
  Responses: { "*": ITEM },
  UnprocessedKeys: REQUEST_ITEMS,
  UnprocessedItems: REQUEST_ITEMS,
  ItemCollectionMetrics: { ...COLLECTION, "*": COLLECTION },
  CancellationReasons: { Item: ITEM },
};

/** Converts the attribute values in a payload or an answer, and nothing else. */
function convert(value: unknown, places: Places, change: (value: unknown) => unknown): unknown {
  if (places === VALUE) return change(value);
  if (Array.isArray(value)) return value.map((member) => convert(member, places, change));
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  return mapped(value as Json, (member, name) => {
    const place = Object.hasOwn(places, name) ? places[name] : places["*"];
    return place ? convert(member, place, change) : member;
  });
}
