// Items as files, JSON Lines and CSV, in the forms that `python -m clients.transfer` writes and reads too.

import { itemLine, readItem, valueLine } from "./formats.js";
import { contentOf, numberProblem, typeOf } from "./values.js";

export const FILE_KINDS = {
  jsonl: { label: "JSON Lines", mediaType: "application/jsonl", write: writeJsonLines, read: readJsonLines },
  csv: { label: "CSV", mediaType: "text/csv", write: writeCsv, read: readCsv },
};

export const kindOf = (fileName) => (/\.csv$/i.test(fileName) ? "csv" : "jsonl");

// Each row that is read is {line, item}, or {line, problem} where it is no item. `line` is counted from 1.

function writeJsonLines(items) {
  return items.map((item) => `${itemLine(item, "json")}\n`);
}

function readJsonLines(text) {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text }) => text)
    .map(({ line, text }) => row(line, () => readItem(text, "json")));
}

function row(line, read) {
  try {
    return { line, item: read() };
  } catch (error) {
    return { line, problem: error.message };
  }
}

/** The header states every type. A column of several types, or of values that a cell cannot tell apart, is JSON. */
function writeCsv(items) {
  const types = new Map();
  for (const item of items)
    for (const [name, value] of Object.entries(item)) {
      const type = columnType(value);
      types.set(name, (types.get(name) ?? type) === type ? type : "JSON");
    }
  const header = [...types].map(([name, type]) => `${name}:${type}`);
  const rows = items.map((item) =>
    [...types].map(([name, type]) => (Object.hasOwn(item, name) ? cell(item[name], type) : "")),
  );
  return [header, ...rows].map((cells) => `${cells.map(quoted).join(",")}\r\n`);
}

function columnType(value) {
  const type = typeOf(value);
  // An empty cell is no attribute.
  if (type === "S" && (value.S === "" || value.S.includes("\0"))) return "JSON";
  return ["S", "N", "BOOL"].includes(type) ? type : "JSON";
}

const cell = (value, type) => (type === "S" ? value.S : valueLine(value, "json"));

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const READ_CELL = {
  S: (text) => ({ S: text }),
  N: (text) => json(text, "N", "is not a number"),
  BOOL: (text) => json(text.toLowerCase(), "BOOL", "is neither true nor false"),
  B: (text) => json(JSON.stringify({ $binary: text }), "B", "is not base64"),
  JSON: (text) => json(text, null, "is not JSON"),
};

function json(text, type, problem) {
  try {
    const { value } = readItem(`{"value": ${text}}`, "json");
    if (type === null || typeOf(value) === type) return value;
  } catch {
  }
  throw new Error(problem);
}

function readCsv(text, keyTypes) {
  const [header, ...records] = csvRecords(text.replace(/^\ufeff/, ""));
  if (!header) return [];
  const columns = header.cells.map((title) => {
    const [, name, type] = /^(.*):(S|N|BOOL|B|JSON)$/s.exec(title) ?? [null, title, keyTypes[title]];
    return { name, type };
  });
  const names = new Set(columns.map(({ name }) => name));
  if (names.has("") || names.size < columns.length)
    return [{ line: 1, problem: "The header must name each column once." }];
  columns.forEach((column, index) => {
    column.type ??= guess(records.map(({ cells }) => cells[index]).filter(Boolean));
  });
  return records.map(({ line, cells, problem }) =>
    row(line, () => {
      if (problem) throw new Error(problem);
      if (cells.length !== columns.length)
        throw new Error(`The row has ${cells.length} cells, and the header has ${columns.length}.`);
      return Object.fromEntries(cells.flatMap((text, index) => (text ? [[columns[index].name, read(text, columns[index])]] : [])));
    }),
  );
}

function read(text, { name, type }) {
  try {
    return READ_CELL[type](text);
  } catch (error) {
    throw new Error(`Column ${name}: ${JSON.stringify(text.slice(0, 100))} ${error.message}. The column's type is ${type}.`);
  }
}

/** Guess the type of a column. Postcodes and telephone numbers begin with a zero, and no number does. */
function guess(cells) {
  if (cells.length && cells.every((text) => /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) && !numberProblem(text))) return "N";
  if (cells.length && cells.every((text) => /^(true|false)$/i.test(text))) return "BOOL";
  return "S";
}

/** Split CSV as RFC 4180 has it into {line, cells}; a quoted cell may hold line breaks. */
function csvRecords(text) {
  const records = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const record = { line, cells: [] };
    do {
      const [content, end] = text[at] === '"' ? quotedCell(text, at, record) : bareCell(text, at);
      record.cells.push(content);
      line += content.split("\n").length - 1;
      at = end + 1;
    } while (text[at - 1] === ",");
    if (text[at - 1] === "\r" && text[at] === "\n") at++;
    line++;
    if (record.cells.length > 1 || record.cells[0] || record.problem) records.push(record);
  }
  return records;
}

const CELL_END = /[,\r\n]|$/g;

function cellEnd(text, from) {
  CELL_END.lastIndex = from;
  return CELL_END.exec(text).index;
}

function bareCell(text, start) {
  const end = cellEnd(text, start);
  return [text.slice(start, end), end];
}

function quotedCell(text, start, record) {
  let end = start + 1;
  while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
  const content = text.slice(start + 1, end).replaceAll('""', '"');
  if (end >= text.length) record.problem = "A quoted cell has no closing quote.";
  const next = cellEnd(text, end + 1);
  if (next > end + 1) record.problem = "A cell goes on after its closing quote.";
  return [content, next];
}
