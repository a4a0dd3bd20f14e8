// The items of a table: a form that asks for them, a page of them, and what can be done with it.

import { html, useEffect, useMemo, useState } from "./preact-htm.js";
import { go, link } from "./address.js";
import { askPatiently, caller } from "./gateway.js";
import { useLoaded, useStore } from "./hooks.js";
import { ExportDialog, ImportDialog, deleteItems, useWork } from "./transfer.js";
import { Busy, Check, Empty, Field, Loaded, Problem, Question, count, number } from "./parts.js";
import {
  FILTER_COMPARISONS,
  SORT_KEY_COMPARISONS,
  VALUE_TYPES,
  itemsRequest,
  keyNames,
  keyOf,
  keySchemas,
  schemaNamed,
  valueCount,
} from "./requests.js";
import { TableHeading } from "./tables-view.js";
import { describe, lastItems } from "./tables.js";
import { compareValues, preview, previewKey, typeOf } from "./values.js";

const PAGE_SIZES = [25, 100, 250, 1000];
const MAX_COLUMNS = 60;

function formOf(query) {
  const read = (name, initial) => {
    try {
      return JSON.parse(query.get(name)) ?? initial;
    } catch {
      return initial;
    }
  };
  const filters = read("filters", []);
  const sort = read("sort", ["", ""]);
  return {
    index: query.get("index") ?? "",
    query: query.has("partition"),
    partition: query.get("partition") ?? "",
    comparison: SORT_KEY_COMPARISONS.includes(query.get("comparison")) ? query.get("comparison") : "=",
    sort: [0, 1].map((index) => String(sort[index] ?? "")),
    backwards: query.has("backwards"),
    filters: Array.isArray(filters) ? filters.filter(isFilter) : [],
    show: namesIn(query.get("show") ?? ""),
    limit: Number(query.get("limit")) || 100,
    consistent: query.has("consistent"),
    start: read("start", null),
  };
}

const isFilter = (filter) =>
  Array.isArray(filter) &&
  FILTER_COMPARISONS.includes(filter[1]) &&
  VALUE_TYPES.includes(filter[2]) &&
  filter.every((each) => typeof each === "string");

const namesIn = (text) => text.split(",").map((name) => name.trim()).filter(Boolean);

const linkTo = (table, form, start = null) =>
  link("items", table, {
    index: form.index,
    ...(form.query && { partition: form.partition || " ", comparison: form.comparison, sort: form.sort.some(Boolean) && JSON.stringify(form.sort) }),
    backwards: form.query && form.backwards && "yes",
    filters: form.filters.length && JSON.stringify(form.filters),
    show: form.show.join(", "),
    limit: form.limit !== 100 && form.limit,
    consistent: form.consistent && "yes",
    start: start && JSON.stringify(start),
  });

export function ItemsView({ table, query }) {
  const who = useStore(caller);
  lastItems.set(table, location.hash);
  const described = useLoaded(async (signal) => keySchemas(await describe(table, signal)), [table, who]);
  return html`<${TableHeading} table=${table} view="items" />
    <${Loaded} ...${described}>${(schemas) => html`<${Items} table=${table} schemas=${schemas} query=${query} who=${who} />`}<//>`;
}

function Items({ table, schemas, query, who }) {
  const asked = String(query);
  const form = useMemo(() => formOf(query), [asked]);
  const request = useMemo(() => attempt(() => itemsRequest(schemas, form.index, form)), [schemas, form]);
  const page = useLoaded(
    async (signal) => {
      // The keys after which the earlier pages began.
      const starts = history.state?.starts ?? [];
      const started = performance.now();
      if (request.error) throw request.error;
      const { operation, payload } = request.value;
      const answer = await askPatiently(operation, table, payload, signal);
      return { ...answer, starts, start: form.start, milliseconds: Math.round(performance.now() - started) };
    },
    [request, who],
  );
  const answer = page.value;
  const { starts = [], start, LastEvaluatedKey: next } = answer ?? {};
  const turn = !page.busy && {
    first: start && (() => go(linkTo(table, form))),
    previous: starts.length > 0 && (() => go(linkTo(table, form, starts.at(-1)), { starts: starts.slice(0, -1) })),
    next: next && (() => go(linkTo(table, form, next), { starts: [...starts, start] })),
  };
  const shared = { table, schemas, form, turn, again: page.again };
  return html`<${Form} key=${linkTo(table, form)} ...${shared} items=${answer?.Items ?? []} />
    ${answer && page.busy && html`<${Busy} />`}
    <${Loaded} ...${page}>${(answer) => html`<${Page} ...${shared} answer=${answer} />`}<//>`;
}

function attempt(make) {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}

function Form({ table, schemas, form, items, again }) {
  const [draft, setDraft] = useState({ ...form, show: form.show.join(", ") });
  const change = (part) => setDraft({ ...draft, ...part });
  const set = (name) => (value) => change({ [name]: value });
  const schema = schemaNamed(schemas, draft.index);
  const names = useMemo(() => [...new Set(items.flatMap(Object.keys))].sort(), [items]);

  function submit(event) {
    event.preventDefault();
    const to = linkTo(table, { ...draft, show: namesIn(draft.show) });
    if (to === linkTo(table, form) && !form.start) again();
    else go(to);
  }

  const setFilter = (index, ...filter) => change({ filters: draft.filters.toSpliced(index, 1, ...filter) });
  const indexes = schemas.map((each) => [each.name, `${each.name || "The table"}: ${keyNames(each).join(", ")}`]);
  return html`<form onSubmit=${submit} aria-label="Which items">
    <div class="line">
      <${Field} label="Table or index" choices=${indexes} value=${draft.index} onValue=${set("index")} />
      <${Check} label="Scan" type="radio" name="query" checked=${!draft.query} onCheck=${() => change({ query: false })} />
      <${Check} label="Query" type="radio" name="query" checked=${draft.query} onCheck=${set("query")} />
      ${draft.query && html`<${KeyFields} schema=${schema} draft=${draft} change=${change} />`}
    </div>
    ${draft.filters.map(
      (filter, index) => html`<${Filter} filter=${filter} setFilter=${(...next) => setFilter(index, ...next)} />`,
    )}
    <datalist id="attributes">${names.map((name) => html`<option value=${name} />`)}</datalist>
    <div class="line">
      <button type="button" onClick=${() => change({ filters: [...draft.filters, ["", "=", "S", "", ""]] })}>Add a filter</button>
      <${Field} label="Show only" placeholder="name, price" value=${draft.show} onValue=${set("show")} />
      <${Field}
        label="Page"
        choices=${[...new Set([...PAGE_SIZES, draft.limit])].map(String)}
        value=${String(draft.limit)}
        onValue=${(size) => change({ limit: Number(size) })}
      />
      ${schema.consistent && html`<${Check} label="Consistent" checked=${draft.consistent} onCheck=${set("consistent")} />`}
      <button class="main">Run</button>
      <a href=${link("items", table)}>Reset</a>
    </div>
  </form>`;
}

const KeyLabel = ({ of }) => html`<span><bdi>${of.name}</bdi> <span class="type">${of.type}</span></span>`;

function KeyFields({ schema: { partition, sort }, draft, change }) {
  const setSort = (index, text) => change({ sort: draft.sort.with(index, text) });
  return html`<${Field} required label=${html`<${KeyLabel} of=${partition} />`} value=${draft.partition} onValue=${(text) => change({ partition: text })} />
    ${sort &&
    html`<${Field}
        label=${html`<${KeyLabel} of=${sort} />`}
        aria-label="Comparison of ${sort.name}"
        choices=${SORT_KEY_COMPARISONS}
        value=${draft.comparison}
        onValue=${(comparison) => change({ comparison })}
      />
      <${Field} label="Value" placeholder="any" value=${draft.sort[0]} onValue=${(text) => setSort(0, text)} />
      ${valueCount(draft.comparison) === 2 && html`<${Field} label="and" value=${draft.sort[1]} onValue=${(text) => setSort(1, text)} />`}
      <${Check} label="Backwards" checked=${draft.backwards} onCheck=${(backwards) => change({ backwards })} />`}`;
}

function Filter({ filter, setFilter }) {
  const [attribute, comparison, type] = filter;
  const set = (index) => (value) => setFilter(filter.with(index, value));
  const count = valueCount(comparison);
  const values = ["Value", "and"].slice(0, type === "NULL" ? 0 : count);
  return html`<div class="line" role="group" aria-label="Filter">
    <${Field} label="Attribute" list="attributes" required value=${attribute} onValue=${set(0)} />
    <${Field} label="Comparison" choices=${FILTER_COMPARISONS} value=${comparison} onValue=${set(1)} />
    ${count > 0 && html`<${Field} label="Type" choices=${VALUE_TYPES} value=${type} onValue=${set(2)} />`}
    ${values.map(
      (label, index) =>
        html`<${Field} label=${label} choices=${type === "BOOL" && ["false", "true"]} value=${filter[3 + index]} onValue=${set(3 + index)} />`,
    )}
    <button type="button" onClick=${() => setFilter()}>Remove</button>
  </div>`;
}

function Page(shared) {
  const { table, schemas, form, answer, turn, again } = shared;
  const [sorting, setSorting] = useState(null);
  const [selected, setSelected] = useState(new Set());
  const [dialog, setDialog] = useState(null);
  const items = answer.Items ?? [];
  useEffect(() => setSelected(new Set()), [answer]);
  const sorted = useMemo(() => {
    if (!sorting) return items;
    const { name, descending } = sorting;
    const has = (item) => Object.hasOwn(item, name);
    const ascending = items.filter(has).sort((a, b) => compareValues(a[name], b[name]));
    // What lacks the attribute stands last in either direction.
    return [...(descending ? ascending.reverse() : ascending), ...items.filter((item) => !has(item))];
  }, [items, sorting]);
  const columns = useMemo(() => columnsOf(items, schemas, form.index), [items, schemas, form.index]);
  const close = (changed) => {
    setDialog(null);
    if (changed) again();
  };
  const keys = [...selected].map((item) => keyOf(schemas[0], item));
  return html`<div class="line">
      <p role="status"><${Summary} answer=${answer} form=${form} /></p>
      ${selected.size > 0 && html`<button type="button" class="danger" onClick=${() => setDialog("delete")}>Delete ${count(selected.size, "item")}…</button>`}
      <button type="button" onClick=${() => setDialog("export")} disabled=${!items.length && !answer.LastEvaluatedKey}>Export…</button>
      <button type="button" onClick=${() => setDialog("import")}>Import…</button>
    </div>
    ${items.length
      ? html`<${ItemTable} ...${{ table, schemas, items: sorted, columns, sorting, setSorting, selected, setSelected }} />`
      : html`<${NoItems} ...${shared} />`}
    ${(answer.start || answer.LastEvaluatedKey) &&
    html`<nav class="line" aria-label="Pages">
      <button type="button" disabled=${!turn.first} onClick=${turn.first}>First page</button>
      <button type="button" disabled=${!turn.previous} onClick=${turn.previous}>Previous</button>
      <span>Page ${answer.starts.length + 1}</span>
      <button type="button" disabled=${!turn.next} onClick=${turn.next}>Next</button>
    </nav>`}
    ${dialog === "export" && html`<${ExportDialog} ...${shared} label=${selected.size ? "Selected" : "This page"} items=${sorted.filter((item) => !selected.size || selected.has(item))} onClose=${close} />`}
    ${dialog === "import" && html`<${ImportDialog} table=${table} schema=${schemas[0]} onClose=${close} />`}
    ${dialog === "delete" && html`<${DeleteDialog} table=${table} keys=${keys} onClose=${close} />`}`;
}

function Summary({ answer, form }) {
  const units = answer.ConsumedCapacity?.CapacityUnits;
  const found = count(answer.Count, "item");
  const read = form.filters.length ? ` of ${number(answer.ScannedCount)} that were read` : "";
  return `${found}${read}${units === undefined ? "" : `, ${count(units, "read unit")}`}, ${number(answer.milliseconds)} ms`;
}

function NoItems({ table, form, answer, turn }) {
  if (answer.LastEvaluatedKey)
    return html`<${Empty}>
      <p>No item of this page matches. DynamoDB has read ${count(answer.ScannedCount, "item")}, and there are more.</p>
      <button type="button" class="main" onClick=${turn.next}>Read the next page</button>
    <//>`;
  return form.query || form.filters.length || form.start
    ? html`<${Empty}><p>No item matches.</p><p><a href=${link("items", table)}>See every item</a></p><//>`
    : html`<${Empty}><p>${form.index ? "This index holds no item." : "This table holds no item."}</p><p><a class="button main" href=${link("new", table)}>Create an item</a></p><//>`;
}

function columnsOf(items, schemas, index) {
  const schema = schemaNamed(schemas, index);
  const keys = [...new Set([...keyNames(schemas[0]), ...keyNames(schema)])];
  const names = new Set(items.flatMap(Object.keys));
  return [...keys, ...[...names].filter((name) => !keys.includes(name)).sort()];
}

function ItemTable({ table, schemas: [schema], items, columns, sorting, setSorting, selected, setSelected }) {
  const shown = columns.slice(0, MAX_COLUMNS);
  const toggle = (item) => {
    const next = new Set(selected);
    if (!next.delete(item)) next.add(item);
    setSelected(next);
  };
  const selectable = items.filter((item) => keyOf(schema, item));
  const all = selected.size > 0 && selected.size === selectable.length;
  return html`<div class="scroll items" role="region" aria-label="Items" tabindex="0">
      <table>
        <thead>
          <tr>
            <td><input type="checkbox" aria-label="Select every item of this page" checked=${all} onChange=${() => setSelected(new Set(all ? [] : selectable))} /></td>
            ${shown.map((name) => html`<${ColumnTitle} key=${name} name=${name} sorting=${sorting} setSorting=${setSorting} />`)}
          </tr>
        </thead>
        <tbody>
          ${items.map((item, index) => html`<${Row} key=${index} table=${table} item=${item} itemKey=${keyOf(schema, item)} columns=${shown} selected=${selected.has(item)} toggle=${toggle} />`)}
        </tbody>
      </table>
    </div>
    ${columns.length > shown.length && html`<p class="faint">${count(columns.length - shown.length, "more attribute")} are not shown. Name what you want to see in “Show only”.</p>`}`;
}

function ColumnTitle({ name, sorting, setSorting }) {
  const sorted = sorting?.name === name;
  const direction = !sorted ? "none" : sorting.descending ? "descending" : "ascending";
  return html`<th scope="col" aria-sort=${direction}>
    <button type="button" onClick=${() => setSorting({ name, descending: sorted && !sorting.descending })}>
      <bdi>${name}</bdi><span aria-hidden="true">${sorted ? (sorting.descending ? " ↓" : " ↑") : ""}</span>
    </button>
  </th>`;
}

function Row({ table, item, itemKey, columns, selected, toggle }) {
  const name = itemKey && previewKey(itemKey);
  return html`<tr class=${selected ? "selected" : ""}>
    <td>${itemKey && html`<input type="checkbox" aria-label=${`Select ${name}`} checked=${selected} onChange=${() => toggle(item)} />`}</td>
    ${columns.map((column, index) => {
      const value = Object.hasOwn(item, column) ? item[column] : null;
      const shown = value && html`<${Value} value=${value} />`;
      if (index > 0) return html`<td>${shown}</td>`;
      return html`<th scope="row">${itemKey ? html`<a href=${link("item", table, { key: JSON.stringify(itemKey) })}>${shown}</a>` : shown}</th>`;
    })}
  </tr>`;
}

const Value = ({ value }) =>
  html`<span class="value"><span class="type">${typeOf(value)}</span> <bdi>${preview(value) || html`<i class="faint">empty</i>`}</bdi></span>`;

function DeleteDialog({ table, keys, onClose }) {
  const { state, run, stop } = useWork();
  const start = () =>
    run(async (signal, tell) => {
      await deleteItems(table, keys, signal, (done) => tell({ done }));
      onClose(true);
    });
  const close = () => (stop(), onClose(state.done > 0));
  return html`<${Question} title=${`Delete ${count(keys.length, "item")}?`} action="Delete" onYes=${start} onNo=${close}>
    <p>They are deleted from <bdi>${table}</bdi>. This cannot be undone.</p>
    <ul>${keys.slice(0, 10).map((key) => html`<li><bdi>${previewKey(key)}</bdi></li>`)}</ul>
    ${keys.length > 10 && html`<p>and ${number(keys.length - 10)} more</p>`}
    ${state.busy && html`<${Busy}>${number(state.done ?? 0)} of ${number(keys.length)} are deleted<//>`}
    <${Problem} error=${state.error} />
  <//>`;
}
