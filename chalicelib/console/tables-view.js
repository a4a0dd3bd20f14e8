// The tables: their names at the side, all of them in a list, and one in detail.

import { html, useEffect, useState } from "./preact-htm.js";
import { go, link } from "./address.js";
import { caller } from "./gateway.js";
import { useLoaded, useStore } from "./hooks.js";
import { Busy, Empty, Field, Loaded, Problem, bytes, count, number } from "./parts.js";
import { keySchemas, keysOf } from "./requests.js";
import { describe, itemsLink, tableNames } from "./tables.js";

function useTableNames() {
  const who = useStore(caller);
  const [after, setAfter] = useState(null);
  const [earlier, setEarlier] = useState([]);
  useEffect(() => {
    setAfter(null);
    setEarlier([]);
  }, [who]);
  const page = useLoaded((signal) => tableNames(after, signal), [after, who]);
  const last = page.value?.LastEvaluatedTableName;
  const names = [...earlier, ...(page.value?.TableNames ?? [])];
  const more = last && !page.busy ? () => (setEarlier(names), setAfter(last)) : null;
  return { ...page, names, more };
}

export function TableNav({ current }) {
  const { names, more } = useTableNames();
  const [part, setPart] = useState("");
  const shown = names.filter((name) => name.toLowerCase().includes(part.toLowerCase()));
  return html`<nav class="side" aria-label="Tables">
    ${names.length > 8 &&
    html`<${Field} label="Find a table" type="search" value=${part} onValue=${setPart} />`}
    <ul>
      ${shown.map(
        (name) =>
          html`<li key=${name}><a href=${link("items", name)} aria-current=${name === current ? "page" : null}><bdi>${name}</bdi></a></li>`,
      )}
    </ul>
    ${more && html`<button type="button" onClick=${more}>More tables</button>`}
  </nav>`;
}

export function TablesView() {
  const { names, more, error, busy, again } = useTableNames();
  return html`<h1>Tables</h1>
    <${Problem} error=${error} again=${again} />
    ${error && html`<${OpenByName} />`}
    ${busy && !names.length && html`<${Busy} />`}
    ${!busy && !error && !names.length &&
    html`<${Empty}>
      <p>There is no table that you may see.</p>
      <p>Create one with your CloudFormation template, <code>TABLES=mine.yaml make run</code>, or choose another caller.</p>
    <//>`}
    ${names.length > 0 &&
    html`<div class="scroll" role="region" aria-label="Tables" tabindex="0">
      <table>
        <thead>
          <tr><th scope="col">Name</th><th scope="col">Key</th><th scope="col">Indexes</th><th scope="col" class="right">Items</th><th scope="col" class="right">Size</th></tr>
        </thead>
        <tbody>${names.map((name) => html`<${TableRow} key=${name} name=${name} />`)}</tbody>
      </table>
    </div>`}
    ${more && html`<button type="button" onClick=${more}>More tables</button>`}
    ${busy && names.length > 0 && html`<${Busy} />`}`;
}

function OpenByName() {
  const [name, setName] = useState("");
  const open = (event) => {
    event.preventDefault();
    go(link("items", name));
  };
  return html`<form class="line" onSubmit=${open}>
    <${Field} label="Open a table by its name" required value=${name} onValue=${setName} />
    <button>Open</button>
  </form>`;
}

function TableRow({ name }) {
  const { value: description, error } = useLoaded((signal) => describe(name, signal, true), [name]);
  const schemas = description && keySchemas(description);
  return html`<tr>
    <th scope="row"><a href=${link("items", name)}><bdi>${name}</bdi></a></th>
    ${error
      ? html`<td colspan="4" class="faint">${error.message}</td>`
      : html`<td>${schemas ? html`<${KeyOf} keys=${keysOf(schemas[0])} />` : "…"}</td>
          <td>${schemas?.slice(1).map(({ name }) => name).join(", ")}</td>
          <td class="right">${description && number(description.ItemCount ?? 0)}</td>
          <td class="right">${description && bytes(description.TableSizeBytes ?? 0)}</td>`}
  </tr>`;
}

const KeyOf = ({ keys }) =>
  keys.map(
    ({ name, type }, index) => html`${index > 0 && ", "}<span><bdi>${name}</bdi> <span class="type">${type}</span></span>`,
  );

export function TableView({ table }) {
  const loaded = useLoaded((signal) => describe(table, signal, true), [table]);
  return html`<${TableHeading} table=${table} view="table" />
    <${Loaded} ...${loaded}>${(description) => html`<${Details} description=${description} />`}<//>`;
}

function Details({ description }) {
  return html`<p>
      ${description.TableStatus}, ${count(description.ItemCount ?? 0, "item")}, ${bytes(description.TableSizeBytes ?? 0)}.
      <span class="faint"> DynamoDB counts them every six hours.</span>
    </p>
    <h2>Keys and indexes</h2>
    <div class="scroll" role="region" aria-label="Keys and indexes" tabindex="0">
      <table>
        <thead><tr><th scope="col">Name</th><th scope="col">Partition key</th><th scope="col">Sort key</th><th scope="col">Attributes</th></tr></thead>
        <tbody>
          ${keySchemas(description).map(
            (schema) => html`<tr>
              <th scope="row">${schema.name || "The table itself"}</th>
              <td><${KeyOf} keys=${[schema.partition]} /></td>
              <td>${schema.sort ? html`<${KeyOf} keys=${[schema.sort]} />` : "none"}</td>
              <td>${schema.projection}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

const TABS = { items: "Items", table: "Details", new: "New item" };

export const TableHeading = ({ table, view }) => html`<div class="heading">
  <h1><bdi>${table}</bdi></h1>
  <nav class="tabs" aria-label="Views of this table">
    ${Object.entries(TABS).map(
      ([name, label]) => html`<a href=${name === "items" ? itemsLink(table) : link(name, table)} aria-current=${name === view ? "page" : null}>${label}</a>`,
    )}
  </nav>
</div>`;
