// The tables of the stage, as far as this caller may see them.

import { ask, caller } from "./gateway.js";
import { store } from "./hooks.js";

const PAGE = 100;
const descriptions = new Map();

caller.follow(() => descriptions.clear());

export const knownTables = store([]);

export async function tableNames(after, signal) {
  const page = await ask("tables", null, { Limit: PAGE, ...(after && { ExclusiveStartTableName: after }) }, signal);
  knownTables.set(page.TableNames);
  return page;
}

export async function describe(table, signal) {
  if (!descriptions.has(table)) descriptions.set(table, (await ask("describe", table, {}, signal)).Table);
  return descriptions.get(table);
}
