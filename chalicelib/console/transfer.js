// Many items at once: export, import and delete.

import { html, useRef, useState } from "./preact-htm.js";
import { askPatiently, pause } from "./gateway.js";
import { FILE_KINDS, kindOf } from "./files.js";
import { Busy, Choice, Dialog, Problem, bytes, count, number } from "./parts.js";
import { itemsRequest, keyProblem, keysOf } from "./requests.js";

// DynamoDB's quotas for BatchWriteItem, of which the gateway carries 6 MB.
const BATCH_SIZE = 25;
const BATCH_LENGTH = 4_000_000;
const ATTEMPTS = 8;
const SHOWN_FAILURES = 100;

export async function deleteItems(table, keys, signal, progress) {
  let done = 0;
  for (const batch of batches(keys)) {
    await writeBatch(table, batch.map((Key) => ({ DeleteRequest: { Key } })), signal);
    progress((done += batch.length));
  }
}

function* batches(values) {
  let [batch, length] = [[], 0];
  for (const value of values) {
    const size = JSON.stringify(value).length;
    if (batch.length === BATCH_SIZE || (batch.length && length + size > BATCH_LENGTH)) {
      yield batch;
      [batch, length] = [[], 0];
    }
    batch.push(value);
    length += size;
  }
  if (batch.length) yield batch;
}

async function writeBatch(table, requests, signal) {
  for (let attempt = 1; requests.length; attempt++) {
    if (attempt > 1) await pause(attempt - 1, signal);
    if (attempt > ATTEMPTS) throw new Error(`DynamoDB has left ${count(requests.length, "write")} undone. Wait a little, then try once more.`);
    const { UnprocessedItems } = await askPatiently("batchWrite", table, { RequestItems: { [table]: requests } }, signal);
    requests = UnprocessedItems?.[table] ?? [];
  }
}

const KIND_LABELS = Object.entries(FILE_KINDS).map(([name, { label }]) => [name, label]);

/** Work that can be stopped; `run` hands it a signal, and what to tell the progress to. */
export function useWork() {
  const [state, setState] = useState({});
  const control = useRef(null);
  const tell = (part) => setState((last) => ({ ...last, ...part }));
  async function run(work) {
    control.current = new AbortController();
    setState({ busy: true });
    try {
      tell({ ...(await work(control.current.signal, tell)), busy: false });
    } catch (error) {
      tell({ busy: false, ...(control.current.signal.aborted ? { stopped: true } : { error }) });
    }
  }
  return { state, run, stop: () => control.current?.abort(new Error("Stopped")) };
}

export function ExportDialog({ table, schemas, form, label, items, onClose }) {
  const [kind, setKind] = useState("jsonl");
  const [scope, setScope] = useState("page");
  const { state, run, stop } = useWork();

  const start = () =>
    run(async (signal, tell) => {
      const all = scope === "page" ? items : await everyItem(table, schemas, form, signal, (done) => tell({ done }));
      const { write, mediaType } = FILE_KINDS[kind];
      const file = new Blob(write(all), { type: mediaType });
      save(file, `${table.replace(/[^\w.-]/g, "-")}.${kind}`);
      return { finished: `${count(all.length, "item")}, ${bytes(file.size)}` };
    });

  return html`<${Dialog} title="Export" onClose=${() => (stop(), onClose())}>
    <p class="line"><${Choice} label="Which items" choices=${[["page", `${label}, ${count(items.length, "item")}`], ["all", "Every page"]]} value=${scope} onChoose=${setScope} /></p>
    <p class="line"><${Choice} label="Kind of file" choices=${KIND_LABELS} value=${kind} onChoose=${setKind} /></p>
    ${state.busy && html`<${Busy}>${number(state.done ?? 0)} items are read<//>`}
    ${state.finished && html`<p role="status">Exported: ${state.finished}.</p>`}
    ${state.stopped && html`<p role="status">Stopped. Nothing was exported.</p>`}
    <${Problem} error=${state.error} />
    <div class="buttons">
      ${state.busy ? html`<button type="button" onClick=${stop}>Stop</button>` : html`<button type="button" class="main" onClick=${start}>Export</button>`}
      <button type="button" onClick=${() => (stop(), onClose())}>Close</button>
    </div>
  <//>`;
}

async function everyItem(table, schemas, form, signal, progress) {
  const items = [];
  let start = null;
  do {
    const { operation, payload } = itemsRequest(schemas, form.index, { ...form, limit: 0, start });
    const answer = await askPatiently(operation, table, payload, signal);
    for (const item of answer.Items) items.push(item);
    start = answer.LastEvaluatedKey;
    progress(items.length);
  } while (start);
  return items;
}

function save(file, name) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(file);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
}

export function ImportDialog({ table, schema, onClose }) {
  const [file, setFile] = useState(null);
  const { state, run, stop } = useWork();
  const keyTypes = Object.fromEntries(keysOf(schema).map(({ name, type }) => [name, type]));

  const start = () =>
    run(async (signal, tell) => {
      const rows = FILE_KINDS[kindOf(file.name)].read(await file.text(), keyTypes).map((row) => checked(row, schema));
      const failures = rows.filter(({ problem }) => problem).map(({ line, problem }) => ({ line, problem }));
      const items = rows.filter(({ problem }) => !problem);
      const total = items.length;
      let loaded = 0;
      tell({ loaded, total, failures });
      for (const batch of batches(items)) {
        const failed = await load(table, batch, signal);
        failures.push(...failed);
        tell({ loaded: (loaded += batch.length - failed.length), failures: [...failures].sort((a, b) => a.line - b.line) });
      }
      return { finished: true };
    });

  const failures = state.failures ?? [];
  const close = () => (stop(), onClose(state.loaded > 0));
  return html`<${Dialog} title="Import" onClose=${close}>
    <p>Load a file of JSON Lines or CSV into <bdi>${table}</bdi>. An item with the same key is replaced.</p>
    <p class="line"><label>File <input type="file" accept=".jsonl,.ndjson,.json,.csv" disabled=${state.busy} onChange=${(event) => setFile(event.target.files[0])} /></label></p>
    ${state.total !== undefined &&
    html`<div role="status">
      <progress max=${state.total} value=${state.loaded} aria-label="Progress"></progress>
      <p>${number(state.loaded)} of ${count(state.total, "item")} loaded; ${count(failures.length, "line")} failed.${state.stopped ? " Stopped." : ""}${state.finished ? " Done." : ""}</p>
    </div>`}
    ${failures.length > 0 &&
    html`<ul tabindex="0" aria-label="Failed lines">${failures.slice(0, SHOWN_FAILURES).map(({ line, problem }) => html`<li>Line ${line}: <bdi>${problem}</bdi></li>`)}</ul>`}
    <${Problem} error=${state.error} />
    <div class="buttons">
      ${state.busy ? html`<button type="button" onClick=${stop}>Stop</button>` : html`<button type="button" class="main" disabled=${!file} onClick=${start}>Import</button>`}
      <button type="button" onClick=${close}>Close</button>
    </div>
  <//>`;
}

function checked(row, schema) {
  const problem = row.problem ?? keyProblem(schema, row.item, null)?.message;
  return problem ? { line: row.line, problem } : row;
}

/** Load a batch, or, where DynamoDB refuses it, its items one by one; returns the lines that failed. */
async function load(table, rows, signal) {
  try {
    await writeBatch(table, rows.map(({ item }) => ({ PutRequest: { Item: item } })), signal);
    return [];
  } catch (error) {
    throwUnlessRefused(error);
  }
  const failures = [];
  for (const { line, item } of rows) {
    try {
      await askPatiently("create", table, { Item: item }, signal);
    } catch (error) {
      throwUnlessRefused(error);
      failures.push({ line, problem: error.message });
    }
  }
  return failures;
}

function throwUnlessRefused(error) {
  if (![400, 403, 413].includes(error.status)) throw error;
}
