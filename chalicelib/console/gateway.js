// The requests to POST /DynamoDBManager: each is sent here and nowhere else, and kept for the panel of requests.

import { store, storedIn } from "./hooks.js";
import { asciiJson } from "./json-text.js";

export const ROUTE = "DynamoDBManager";
const KEPT_EXCHANGES = 50;
const KEPT_ANSWER_LENGTH = 200_000;
const KEPT_BODIES = 100;
const KEPT_BODY_LENGTH = 16_000;
// What the page asks by itself is no part of the history.
const BY_ITSELF = ["tables", "describe"];
const ATTEMPTS = 6;
const FIRST_PAUSE_MILLISECONDS = 200;

export const exchanges = store([]);
export const history = storedIn(sessionStorage, "history", []);
export const caller = storedIn(sessionStorage, "caller", null);

/** An answer other than 200, or none: then `status` is 0. */
export class ApiError extends Error {
  constructor({ status, code, message, requestId, answer = {} }) {
    super(message);
    Object.assign(this, { status, code, requestId, answer });
  }
}

let sent = 0;

export async function send(body, signal, remembered = true) {
  const exchange = { number: ++sent, at: Date.now(), body, caller: caller.get() };
  const started = performance.now();
  const headers = { "Content-Type": "application/json" };
  if (exchange.caller) headers["X-Caller"] = asciiJson(exchange.caller);
  try {
    const response = await fetch(ROUTE, { method: "POST", headers, body, signal });
    exchange.answer = await response.text();
    exchange.status = response.status;
    exchange.requestId = response.headers.get("X-Request-Id");
  } catch (error) {
    if (signal?.aborted) throw error;
    exchange.status = 0;
    exchange.answer = "";
  }
  exchange.milliseconds = Math.round(performance.now() - started);
  keep(exchange);
  if (remembered && body.length <= KEPT_BODY_LENGTH) remember(exchange);
  if (exchange.status) return exchange;
  const message = "No answer came. Is the server that serves this page still running?";
  throw new ApiError({ status: 0, code: "NoAnswer", message });
}

/** Send a request; returns the answer in `dynamodb-json`. Throws an ApiError. */
export async function ask(operation, tableName, payload = {}, signal) {
  const request = { operation, ...(tableName && { tableName }), payload, format: "dynamodb-json" };
  const exchange = await send(JSON.stringify(request), signal, !BY_ITSELF.includes(operation));
  const answer = parsed(exchange.answer);
  if (exchange.status === 200 && answer) return answer;
  throw new ApiError({
    status: exchange.status,
    code: answer?.Code ?? `HTTP ${exchange.status}`,
    message: answer?.Message ?? answer?.message ?? "The answer is not one of the gateway.",
    requestId: answer?.RequestId ?? exchange.requestId,
    answer: answer ?? {},
  });
}

/** Ask, and ask again after a pause while the table or the stage is too busy. */
export async function askPatiently(operation, tableName, payload, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(operation, tableName, payload, signal);
    } catch (error) {
      if (![429, 503].includes(error.status) || attempt === ATTEMPTS) throw error;
    }
    await pause(attempt, signal);
  }
}

export function pause(attempt, signal) {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    setTimeout(resolve, FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1));
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function keep(exchange) {
  const cut = exchange.answer.length > KEPT_ANSWER_LENGTH;
  const kept = cut ? { ...exchange, answer: exchange.answer.slice(0, KEPT_ANSWER_LENGTH), cut } : exchange;
  exchanges.set([kept, ...exchanges.get()].slice(0, KEPT_EXCHANGES));
}

function remember({ at, body, status }) {
  const others = history.get().filter((each) => each.body !== body);
  history.set([{ at, body, status }, ...others].slice(0, KEPT_BODIES));
}
