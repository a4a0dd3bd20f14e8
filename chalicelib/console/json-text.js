// JSON as text: keeps every digit of a number and tells where each value stands, which JSON.parse does not.
//
// A node is {kind: "object", members: [{name, start, end, value}]}, {kind: "array", items}, {kind: "string", value},
// {kind: "number", text}, or {kind: "constant", text}. Where it was parsed, it has its own start and end in the text.

const MAX_DEPTH = 200;
const LINE_LENGTH = 80;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const CONSTANT = /true|false|null/y;
const WORD = /[\w.+-]*/y;

export class TextError extends Error {
  constructor(message, start, end = start + 1) {
    super(message);
    this.start = start;
    this.end = Math.max(end, start + 1);
  }
}

export const nodes = {
  object: (members) => ({ kind: "object", members: members.map(([name, value]) => ({ name, value })) }),
  array: (items) => ({ kind: "array", items }),
  string: (value) => ({ kind: "string", value }),
  number: (text) => ({ kind: "number", text }),
  constant: (value) => ({ kind: "constant", text: String(value) }),
};

/** Parse a text to a node. Throws a TextError where it is not JSON, or where an object has the same name twice. */
export function parse(text) {
  let at = 0;

  function skipSpace() {
    while (at < text.length && " \t\r\n".includes(text[at])) at++;
  }

  function match(pattern) {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  }

  function fail(expected) {
    const found = at < text.length ? JSON.stringify(match(WORD) || text[at]) : "the end of the text";
    const length = at < text.length ? match(WORD).length : 0;
    throw new TextError(`Expected ${expected}, and found ${found}.`, Math.min(at, text.length - 1), at + length);
  }

  function parseString() {
    const start = at++;
    while (text[at] !== '"') {
      if (at >= text.length) throw new TextError("This string has no closing quote.", start, text.length);
      if (text[at] < " ") throw new TextError("A string cannot hold a line break or tab: write \\n or \\t.", at);
      at += text[at] === "\\" ? 2 : 1;
    }
    at++;
    try {
      return { kind: "string", value: JSON.parse(text.slice(start, at)), start, end: at };
    } catch {
      throw new TextError('This string has an unknown escape: a backslash is written as "\\\\".', start, at);
    }
  }

  function parseMembers(depth) {
    const members = [];
    const names = new Set();
    parseList("}", "a comma or }", () => {
      if (text[at] !== '"') fail("a name in double quotes");
      const { value: name, start, end } = parseString();
      if (names.has(name)) throw new TextError(`The name ${JSON.stringify(name)} is here twice.`, start, end);
      names.add(name);
      skipSpace();
      if (text[at] !== ":") fail("a colon");
      at++;
      members.push({ name, start, end, value: parseValue(depth) });
    });
    return members;
  }

  function parseItems(depth) {
    const items = [];
    parseList("]", "a comma or ]", () => items.push(parseValue(depth)));
    return items;
  }

  function parseList(closing, expected, parseEach) {
    at++;
    skipSpace();
    while (text[at] !== closing) {
      parseEach();
      skipSpace();
      if (text[at] === ",") {
        at++;
        skipSpace();
        if (text[at] === closing) fail("another value after the comma");
      } else if (text[at] !== closing) fail(expected);
    }
    at++;
  }

  function parseValue(depth) {
    skipSpace();
    const start = at;
    if (depth > MAX_DEPTH) throw new TextError(`This is nested more than ${MAX_DEPTH} levels deep.`, start);
    if (text[at] === '"') return parseString();
    if (text[at] === "{") return { kind: "object", members: parseMembers(depth + 1), start, end: at };
    if (text[at] === "[") return { kind: "array", items: parseItems(depth + 1), start, end: at };
    for (const [kind, pattern] of [["number", NUMBER], ["constant", CONSTANT]]) {
      const token = match(pattern);
      if (token && token === match(WORD)) {
        at += token.length;
        return { kind, text: token, start, end: at };
      }
    }
    return fail("a value: an object, a list, a string in double quotes, a number, true, false or null");
  }

  const node = parseValue(0);
  skipSpace();
  if (at < text.length) fail("the end of the text");
  return node;
}

/** Write a node with two spaces a level, or, with an `indent` of null, in one line. */
export function print(node, indent = "") {
  if (node.kind === "string") return JSON.stringify(node.value);
  if (node.kind !== "object" && node.kind !== "array") return node.text;
  const inner = indent === null ? null : `${indent}  `;
  const isArray = node.kind === "array";
  const parts = isArray
    ? node.items.map((item) => print(item, inner))
    : node.members.map(({ name, value }) => `${JSON.stringify(name)}: ${print(value, inner)}`);
  const [open, close] = isArray ? "[]" : "{}";
  const line = open + parts.join(", ") + close;
  const fits = indent === null || !parts.length || (indent && line.length <= LINE_LENGTH && !line.includes("\n"));
  return fits ? line : `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

export const printLine = (node) => print(node, null);

export function pretty(text) {
  try {
    return print(parse(text));
  } catch {
    return text;
  }
}

export function asciiJson(value) {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function place(text, offset) {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}
