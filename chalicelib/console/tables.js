// The tables of the stage, as far as this caller may see them.

import { link } from "./address.js";
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

/** The address under which the items of each table were seen last. */
export const lastItems = new Map();

export const itemsLink = (table) => lastItems.get(table) ?? link("items", table);

export async function describe(table, signal, anew) {
  if (anew || !descriptions.has(table)) descriptions.set(table, (await ask("describe", table, {}, signal)).Table);
  return descriptions.get(table);
}
