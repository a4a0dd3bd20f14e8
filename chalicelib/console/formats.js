// Items as text in the gateway's two formats, and back.

import { TextError, nodes, parse, print, printLine } from "./json-text.js";
import { base64Problem, canonical, contentOf, isNumber, numberProblem, typeOf } from "./values.js";

export const FORMATS = {
  json: { label: "JSON", write: toPlain, read: fromPlain },
  "dynamodb-json": { label: "DynamoDB JSON", write: toTyped, read: fromTyped },
};

const MARKERS = ["$binary", "$set", "$map"];

export const itemText = (item, format) => print(itemNode(item, format));

export const itemLine = (item, format) => printLine(itemNode(item, format));

export const valueLine = (value, format) => printLine(FORMATS[format].write(value));

/** Read an item. Throws a TextError that says what is wrong and where. */
export function readItem(text, format) {
  const node = parse(text);
  if (node.kind !== "object") throw fault("An item is an object, in braces.", node);
  return mapOf(node, FORMATS[format].read);
}

export const readValue = (text, format) => FORMATS[format].read(parse(text));

const itemNode = (item, format) => mapNode(item, FORMATS[format].write);

const mapNode = (item, write) => nodes.object(Object.entries(item).map(([name, value]) => [name, write(value)]));

// Object.fromEntries takes __proto__ as a name like any other.
const mapOf = (node, read) => Object.fromEntries(node.members.map(({ name, value }) => [name, read(value)]));

const fault = (message, node) => new TextError(message, node.start, node.end);

const binary = (base64) => nodes.object([["$binary", nodes.string(base64)]]);

const set = (items) => nodes.object([["$set", nodes.array(items)]]);

const WRITE_PLAIN = {
  S: nodes.string,
  N: nodes.number,
  BOOL: nodes.constant,
  NULL: () => nodes.constant(null),
  B: binary,
  L: (items) => nodes.array(items.map(toPlain)),
  M: (item) => {
    const node = mapNode(item, toPlain);
    return isMarked(node) ? nodes.object([["$map", node]]) : node;
  },
  SS: (members) => set(members.map(nodes.string)),
  NS: (members) => set(members.map(nodes.number)),
  BS: (members) => set(members.map(binary)),
};

function toPlain(value) {
  return WRITE_PLAIN[typeOf(value)](contentOf(value));
}

const isMarked = (node) => node.members.length === 1 && MARKERS.includes(node.members[0].name);

const READ_PLAIN = {
  string: (node) => ({ S: node.value }),
  number: (node) => ({ N: numberIn(node, node.text) }),
  constant: (node) => (node.text === "null" ? { NULL: true } : { BOOL: node.text === "true" }),
  array: (node) => ({ L: node.items.map(fromPlain) }),
  object: (node) => (isMarked(node) ? READ_MARKED[node.members[0].name](node.members[0].value) : mapIn(node)),
};

function fromPlain(node) {
  return READ_PLAIN[node.kind](node);
}

const mapIn = (node) => ({ M: mapOf(node, fromPlain) });

const READ_MARKED = {
  $binary: (node) => ({ B: base64In(node) }),
  $map: (node) => mapIn(expect("object", "an object", node)),
  $set: (node) => {
    const { items } = expect("array", "a list of strings, numbers or $binary objects", node);
    const members = items.map(fromPlain);
    const type = members.length && typeOf(members[0]);
    if (!["S", "N", "B"].includes(type) || members.some((member) => typeOf(member) !== type))
      throw fault("A $set holds at least one value: all strings, all numbers, or all $binary objects.", node);
    refuseRepeated(members, items);
    return { [`${type}S`]: members.map(contentOf) };
  },
};

function expect(kind, words, node) {
  if (node.kind !== kind) throw fault(`Expected ${words}.`, node);
  return node;
}

function numberIn(node, text) {
  const problem = numberProblem(text);
  if (problem) throw fault(problem, node);
  return text;
}

function base64In(node) {
  const text = expect("string", "base64 text in double quotes", node).value;
  const problem = base64Problem(text);
  if (problem) throw fault(problem, node);
  return text;
}

function refuseRepeated(members, items) {
  const seen = new Set();
  members.forEach((member, index) => {
    if (seen.size === seen.add(canonical(member)).size) throw fault("This value is in the set twice.", items[index]);
  });
}

const WRITE_TYPED = {
  BOOL: nodes.constant,
  NULL: nodes.constant,
  L: (items) => nodes.array(items.map(toTyped)),
  M: (item) => mapNode(item, toTyped),
};

function toTyped(value) {
  const content = contentOf(value);
  const write = WRITE_TYPED[typeOf(value)];
  const node = write ? write(content) : Array.isArray(content) ? nodes.array(content.map(nodes.string)) : nodes.string(content);
  return nodes.object([[typeOf(value), node]]);
}

const text = (node) => expect("string", "text in double quotes", node).value;

function numberText(node) {
  if (!isNumber(text(node))) throw fault('Expected a number as text, such as "5".', node);
  return numberIn(node, node.value);
}

const READ_TYPED = {
  S: text,
  N: numberText,
  B: base64In,
  BOOL: (node) => constant(node, ["true", "false"]) === "true",
  NULL: (node) => constant(node, ["true"]) === "true",
  L: (node) => expect("array", "a list of attribute values", node).items.map(fromTyped),
  M: (node) => mapOf(expect("object", "an object of attribute values", node), fromTyped),
  SS: (node) => setIn(node, "S"),
  NS: (node) => setIn(node, "N"),
  BS: (node) => setIn(node, "B"),
};

function fromTyped(node) {
  const types = Object.keys(READ_TYPED);
  if (node.kind !== "object" || node.members.length !== 1)
    throw fault('Expected an attribute value with one type, such as {"S": "text"}.', node);
  const [{ name, start, end, value }] = node.members;
  if (!types.includes(name))
    throw new TextError(`${JSON.stringify(name)} is not a type; the types are ${types.join(", ")}.`, start, end);
  return { [name]: READ_TYPED[name](value) };
}

function constant(node, texts) {
  if (node.kind !== "constant" || !texts.includes(node.text)) throw fault(`Expected ${texts.join(" or ")}.`, node);
  return node.text;
}

function setIn(node, type) {
  const { items } = expect("array", "a list", node);
  if (!items.length) throw fault("A set holds at least one value.", node);
  const members = items.map((item) => ({ [type]: READ_TYPED[type](item) }));
  refuseRepeated(members, items);
  return members.map(contentOf);
}
