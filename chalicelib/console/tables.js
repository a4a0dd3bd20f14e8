// The tables of the stage, as far as this caller may see them.

import { ask, caller } from "./gateway.js";
import { store } from "./hooks.js";

const PAGE = 100;
const descriptions = new Map();

caller.follow(() => descriptions.clear());

/** The names of the page that was asked for last. */
export const knownTables = store([]);

export async function tableNames(after, signal) {
  const page = await ask("tables", null, { Limit: PAGE, ...(after && { ExclusiveStartTableName: after }) }, signal);
  knownTables.set(page.TableNames);
  return page;
}

/** Describe a table, as DescribeTable does; asked once until the page is loaded again. */
export function describe(table, signal) {
  if (!descriptions.has(table)) return describeAnew(table, signal);
  return Promise.resolve(descriptions.get(table));
}

export async function describeAnew(table, signal) {
  const { Table } = await ask("describe", table, {}, signal);
  descriptions.set(table, Table);
  return Table;
}
