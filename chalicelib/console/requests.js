// The payloads that the page sends: what a form or an edited item asks for, in DynamoDB's expressions.

import { base64Problem, canonical, contentOf, isNumber, numberProblem } from "./values.js";
import { readValue } from "./formats.js";

const MAX_EXPRESSION_LENGTH = 4096;

export const VALUE_TYPES = ["S", "N", "BOOL", "NULL", "B", "JSON"];

// How many values each comparison takes, and how it is written.
const COMPARISONS = {
  "=": [1, (name, value) => `${name} = ${value}`],
  "≠": [1, (name, value) => `${name} <> ${value}`],
  "<": [1, (name, value) => `${name} < ${value}`],
  "≤": [1, (name, value) => `${name} <= ${value}`],
  ">": [1, (name, value) => `${name} > ${value}`],
  "≥": [1, (name, value) => `${name} >= ${value}`],
  between: [2, (name, low, high) => `${name} BETWEEN ${low} AND ${high}`],
  "begins with": [1, (name, value) => `begins_with(${name}, ${value})`],
  contains: [1, (name, value) => `contains(${name}, ${value})`],
  exists: [0, (name) => `attribute_exists(${name})`],
  "does not exist": [0, (name) => `attribute_not_exists(${name})`],
};

export const FILTER_COMPARISONS = Object.keys(COMPARISONS);
export const SORT_KEY_COMPARISONS = ["=", "<", "≤", ">", "≥", "between", "begins with"];

export const valueCount = (comparison) => COMPARISONS[comparison][0];

/** The table and its indexes: {name, partition, sort, projection}, a key being {name, type} or null. */
export function keySchemas(description) {
  const types = Object.fromEntries(description.AttributeDefinitions.map((each) => [each.AttributeName, each.AttributeType]));
  const key = (schema, kind) => {
    const name = schema.find((each) => each.KeyType === kind)?.AttributeName;
    return name === undefined ? null : { name, type: types[name] };
  };
  const schema = (name, { KeySchema, Projection }, consistent) => ({
    name,
    consistent,
    partition: key(KeySchema, "HASH"),
    sort: key(KeySchema, "RANGE"),
    projection: Projection?.ProjectionType ?? "ALL",
  });
  return [
    schema("", description, true),
    ...(description.GlobalSecondaryIndexes ?? []).map((index) => schema(index.IndexName, index, false)),
    ...(description.LocalSecondaryIndexes ?? []).map((index) => schema(index.IndexName, index, true)),
  ];
}

export const schemaNamed = (schemas, index) => schemas.find(({ name }) => name === index) ?? schemas[0];

export const keysOf = (schema) => [schema.partition, schema.sort].filter(Boolean);

export const keyNames = (schema) => keysOf(schema).map(({ name }) => name);

export function keyOf(schema, item) {
  const names = keyNames(schema);
  return names.every((name) => Object.hasOwn(item, name)) ? pick(item, names) : null;
}

const pick = (item, names) => Object.fromEntries(names.map((name) => [name, item[name]]));

function fieldValue(text, type, field) {
  if (type === "NULL") return { NULL: true };
  if (type === "BOOL") return { BOOL: text === "true" };
  if (type === "JSON") {
    try {
      return readValue(text, "json");
    } catch (error) {
      throw new Error(`${field}: ${error.message}`);
    }
  }
  if (type === "N" && !isNumber(text.trim()))
    throw new Error(`${field}: ${JSON.stringify(text)} is not a number.`);
  const content = type === "N" ? text.trim() : text;
  const problem = type === "N" ? numberProblem(content) : type === "B" ? base64Problem(content) : null;
  if (problem) throw new Error(`${field}: ${problem}`);
  return { [type]: content };
}

function placeholders() {
  const names = new Map();
  const values = [];
  return {
    name(attribute) {
      if (!names.has(attribute)) names.set(attribute, `#${names.size}`);
      return names.get(attribute);
    },
    value: (value) => `:${values.push(value) - 1}`,
    members: () => ({
      ...(names.size && { ExpressionAttributeNames: Object.fromEntries([...names].map(([name, mark]) => [mark, name])) }),
      ...(values.length && {
        ExpressionAttributeValues: Object.fromEntries(values.map((value, index) => [`:${index}`, value])),
      }),
    }),
  };
}

/** What a form of the items view asks for: {operation, payload}. Throws an Error that names the field. */
export function itemsRequest(schemas, index, form) {
  const schema = schemaNamed(schemas, index);
  const marks = placeholders();
  const payload = { ReturnConsumedCapacity: "TOTAL" };
  if (schema.name) payload.IndexName = schema.name;
  if (form.query) {
    const { partition, sort } = schema;
    const conditions = [condition(marks, partition.name, "=", partition.type, [form.partition])];
    if (sort && form.sort[0] !== "") conditions.push(condition(marks, sort.name, form.comparison, sort.type, form.sort));
    payload.KeyConditionExpression = conditions.join(" AND ");
    if (form.backwards) payload.ScanIndexForward = false;
  }
  if (form.filters.length) {
    payload.FilterExpression = form.filters
      .map(([attribute, comparison, type, ...texts]) => {
        if (!attribute) throw new Error("Filter: the attribute has no name.");
        return condition(marks, attribute, comparison, type, texts);
      })
      .join(" AND ");
  }
  if (form.show.length) {
    // A row without its key cannot be opened.
    const shown = new Set([...keyNames(schemas[0]), ...keyNames(schema), ...form.show]);
    payload.ProjectionExpression = [...shown].map(marks.name).join(", ");
  }
  if (form.consistent && schema.consistent) payload.ConsistentRead = true;
  if (form.limit) payload.Limit = form.limit;
  if (form.start) payload.ExclusiveStartKey = form.start;
  return { operation: form.query ? "query" : "list", payload: { ...payload, ...marks.members() } };
}

function condition(marks, attribute, comparison, type, texts) {
  const [count, write] = COMPARISONS[comparison];
  const values = texts.slice(0, count).map((text) => marks.value(fieldValue(text ?? "", type, attribute)));
  return write(marks.name(attribute), ...values);
}

export function changes(before, after) {
  const names = Object.keys(after);
  return {
    set: names.filter((name) => !Object.hasOwn(before, name) || canonical(before[name]) !== canonical(after[name])),
    remove: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
  };
}

/**
 * The payload of an `update` from `before`, as it was read, to `after`. It writes what has changed only, so that what the
 * caller may not see stays. Its condition: the item, or, where that is too long, what changes, is as it was read.
 */
export function updatePayload(schema, before, after) {
  const { set, remove } = changes(before, after);
  const whole = updateOn(schema, before, after, set, remove, Object.keys(before));
  return whole.ConditionExpression.length <= MAX_EXPRESSION_LENGTH
    ? whole
    : updateOn(schema, before, after, set, remove, [...set, ...remove].filter((name) => Object.hasOwn(before, name)));
}

function updateOn(schema, before, after, set, remove, unchanged) {
  const marks = placeholders();
  const clauses = [];
  if (set.length) clauses.push(`SET ${set.map((name) => `${marks.name(name)} = ${marks.value(after[name])}`).join(", ")}`);
  if (remove.length) clauses.push(`REMOVE ${remove.map(marks.name).join(", ")}`);
  const keys = keyNames(schema);
  const conditions = [`attribute_exists(${marks.name(schema.partition.name)})`];
  for (const name of unchanged) if (!keys.includes(name)) conditions.push(`${marks.name(name)} = ${marks.value(before[name])}`);
  for (const name of set)
    if (!Object.hasOwn(before, name)) conditions.push(`attribute_not_exists(${marks.name(name)})`);
  return {
    Key: pick(before, keys),
    UpdateExpression: clauses.join(" "),
    ConditionExpression: conditions.join(" AND "),
    ...marks.members(),
  };
}

export function createPayload(schema, item) {
  return {
    Item: item,
    ConditionExpression: "attribute_not_exists(#0)",
    ExpressionAttributeNames: { "#0": schema.partition.name },
  };
}

/** What is wrong with the key of an item that was read as `before`, or null. */
export function keyProblem(schema, item, before) {
  const problemOf = ({ name, type }) => {
    const value = Object.hasOwn(item, name) && item[name];
    const words = `The key attribute ${JSON.stringify(name)}`;
    if (!value) return `${words} is missing.`;
    if (before && canonical(value) !== canonical(before[name]))
      return "The key of an item cannot change. Duplicate the item under the new key, then delete this one.";
    if (!Object.hasOwn(value, type)) return `${words} must be of the type ${type}.`;
    return contentOf(value) === "" ? `${words} cannot be empty.` : null;
  };
  return keysOf(schema).map((key) => ({ name: key.name, message: problemOf(key) })).find(({ message }) => message) ?? null;
}
