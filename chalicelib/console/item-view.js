// One item: shown and edited as text, saved where nobody else has changed it, and compared where somebody has.

import { html, useEffect, useMemo, useState } from "./preact-htm.js";
import { go, link } from "./address.js";
import { ask, caller } from "./gateway.js";
import { FORMATS, itemText, readItem, valueLine } from "./formats.js";
import { storedIn, useLoaded, useStore } from "./hooks.js";
import { Choice, Editor, Empty, Loaded, Problem, Question, count } from "./parts.js";
import { TextError, parse } from "./json-text.js";
import { changes, createPayload, keyOf, keyProblem, keySchemas, keysOf, updatePayload } from "./requests.js";
import { TableHeading } from "./tables-view.js";
import { describe, itemsLink } from "./tables.js";
import { canonicalItem, previewKey } from "./values.js";

const FORMAT_LABELS = Object.entries(FORMATS).map(([name, { label }]) => [name, label]);
const EMPTY_KEYS = { S: { S: "" }, N: { N: "0" }, B: { B: "" } };

const format = storedIn(localStorage, "format", "json");
/** Texts that were left before they were saved: {before, shownAs, text} by the address of the view. */
const drafts = new Map();

const linkTo = (table, key) => link("item", table, { key: JSON.stringify(key) });

async function storedItem(table, key, signal) {
  return (await ask("read", table, { Key: key, ConsistentRead: true }, signal)).Item ?? null;
}

function keyIn(query, name) {
  try {
    return readItem(query.get(name), "dynamodb-json");
  } catch {
    return null;
  }
}

export function ItemView({ table, query }) {
  const who = useStore(caller);
  const key = keyIn(query, "key");
  const loaded = useLoaded(
    async (signal) => ({ schema: keySchemas(await describe(table, signal))[0], item: await storedItem(table, key, signal) }),
    [who],
  );
  return html`<${TableHeading} table=${table} view="item" />
    <p><bdi>${key && previewKey(key)}</bdi></p>
    <${Loaded} ...${loaded}>
      ${({ schema, item }) =>
        item
          ? html`<${ItemEditor} key=${canonicalItem(item)} table=${table} schema=${schema} item=${item} again=${loaded.again} />`
          : html`<${Empty}>There is no item with this key. Somebody may have deleted it.<//>`}
    <//>`;
}

export function NewItemView({ table, query }) {
  const from = keyIn(query, "from");
  const loaded = useLoaded(async (signal) => {
    const schema = keySchemas(await describe(table, signal))[0];
    const blank = Object.fromEntries(keysOf(schema).map(({ name, type }) => [name, EMPTY_KEYS[type]]));
    return { schema, item: (from && (await storedItem(table, from, signal))) ?? blank };
  }, []);
  return html`<${TableHeading} table=${table} view="new" />
    ${from && html`<p>A copy: give it a key of its own.</p>`}
    <${Loaded} ...${loaded}>
      ${({ schema, item }) => html`<${ItemEditor} isNew table=${table} schema=${schema} item=${item} />`}
    <//>`;
}

function useItemText(item, draft) {
  const [shownAs, setShownAs] = useState(draft?.shownAs ?? format.get());
  const [text, setText] = useState(() => draft?.text ?? itemText(item, shownAs));
  const read = useMemo(() => {
    try {
      return { item: readItem(text, shownAs) };
    } catch (problem) {
      return { problem };
    }
  }, [text]);
  const choose = (next) => {
    if (!read.item) return;
    format.set(next);
    setShownAs(next);
    setText(itemText(read.item, next));
  };
  return { text, setText, shownAs, choose, show: (other) => setText(itemText(other, shownAs)), ...read };
}

function keyProblemIn(text, schema, item, before) {
  const problem = item && keyProblem(schema, item, before);
  if (!problem) return null;
  const value = parse(text).members.find(({ name }) => name === problem.name)?.value;
  return new TextError(problem.message, value?.start ?? 0, value?.end);
}

function ItemEditor({ table, schema, item, again, isNew }) {
  const place = location.hash;
  const [draft] = useState(drafts.get(place));
  const [before, setBefore] = useState(draft?.before ?? item);
  const edited = useItemText(item, draft);
  const [state, setState] = useState(draft ? { said: "Your unsaved text is here again." } : {});
  const problem = edited.problem ?? keyProblemIn(edited.text, schema, edited.item, isNew ? null : before);
  const { set, remove } = changes(before, edited.item ?? before);
  const changed = set.length + remove.length;
  const key = keyOf(schema, before);
  const unsaved = Boolean(changed || edited.problem);
  const untouched = isNew && !unsaved;
  const mayWrite = !problem && !state.busy;
  useLeaveQuestion(unsaved);
  if (unsaved) drafts.set(place, { before, shownAs: edited.shownAs, text: edited.text });
  else drafts.delete(place);

  async function attempt(work) {
    setState({ busy: true });
    try {
      setState((await work()) ?? {});
    } catch (error) {
      if (error.code !== "ConditionalCheckFailedException") setState({ error });
      // Somebody was quicker.
      else if (isNew) setState({ taken: keyOf(schema, edited.item) });
      else setState(await storedItem(table, key).then((current) => ({ conflict: { current } }), (error) => ({ error })));
    }
  }

  const save = (base = before) =>
    attempt(async () => {
      const current = await storedItem(table, key);
      if (!current || canonicalItem(current) !== canonicalItem(base)) return { conflict: { current } };
      const { set, remove } = changes(base, edited.item);
      if (!set.length && !remove.length) return { said: "Nothing has changed." };
      await ask("update", table, updatePayload(schema, base, edited.item));
      setBefore(edited.item);
      return { said: `Saved: ${count(set.length + remove.length, "attribute")} changed.` };
    });

  const create = () =>
    attempt(async () => {
      await ask("create", table, createPayload(schema, edited.item));
      drafts.delete(place);
      go(linkTo(table, keyOf(schema, edited.item)));
    });

  const deleteIt = () =>
    attempt(async () => {
      await ask("delete", table, { Key: key });
      drafts.delete(place);
      go(itemsLink(table));
    });

  const write = isNew ? create : save;
  const take = (current) => {
    setBefore(current);
    edited.show(current);
    setState({});
  };
  const overwrite = (current) => {
    setBefore(current);
    save(current);
  };
  return html`<div class="line">
      <${Choice} label="Format" choices=${FORMAT_LABELS} value=${edited.shownAs} onChoose=${edited.choose} />
      <button type="button" class="main" onClick=${() => write()} disabled=${!mayWrite}>${isNew ? "Create" : "Save"}</button>
      ${!isNew &&
      html`<button type="button" onClick=${() => take(before)} disabled=${!changed && !problem}>Undo the changes</button>
        <button type="button" onClick=${again}>Reload</button>
        <a class="button" href=${link("new", table, { from: JSON.stringify(key) })}>Duplicate</a>
        <button type="button" class="danger" onClick=${() => setState({ asked: true })}>Delete…</button>`}
      <span role="status" class="faint">${state.busy ? "Working…" : (state.said ?? (changed ? `${count(changed, "attribute")} changed` : untouched && problem?.message))}</span>
    </div>
    <${Editor}
      label=${isNew ? "The new item" : "The item"}
      text=${edited.text}
      onText=${(text) => (edited.setText(text), setState({ ...state, said: null }))}
      problem=${!untouched && problem}
      onSubmit=${() => mayWrite && write()}
    />
    <${Problem} error=${state.error} />
    ${state.taken &&
    html`<div class="problem" role="alert">
      <strong>An item with this key is there already.</strong> It was not changed. <a href=${linkTo(table, state.taken)}>Open it</a>, or choose another key.
    </div>`}
    ${state.conflict &&
    html`<${Conflict} mine=${edited.item} current=${state.conflict.current} format=${edited.shownAs} overwrite=${overwrite} take=${take} />`}
    ${state.asked &&
    html`<${Question} title="Delete this item?" action="Delete" onYes=${deleteIt} onNo=${() => setState({})}>
      <p><bdi>${previewKey(key)}</bdi> is deleted from <bdi>${table}</bdi>. This cannot be undone.</p>
    <//>`}`;
}

function useLeaveQuestion(unsaved) {
  useEffect(() => {
    if (!unsaved) return undefined;
    const ask = (event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [unsaved]);
}

function Conflict({ mine, current, format, overwrite, take }) {
  if (!current)
    return html`<div class="problem" role="alert">
      <strong>This item does not exist any more.</strong> Somebody has deleted it since you have read it. Your text is still above:
      to create the item again, copy it to a new item.
    </div>`;
  const show = (item, name) =>
    Object.hasOwn(item, name) ? html`<code><bdi>${valueLine(item[name], format)}</bdi></code>` : html`<i class="faint">none</i>`;
  const { set, remove } = changes(current, mine);
  const different = new Set([...set, ...remove]);
  const names = new Set(Object.keys({ ...current, ...mine }));
  return html`<div class="problem" role="alert">
      <strong>This item has changed since you have read it.</strong> Nothing was saved. Both versions are below.
    </div>
    <div class="line">
      <button type="button" class="danger" onClick=${() => overwrite(current)}>Save mine over it</button>
      <button type="button" onClick=${() => take(current)}>Drop mine, take what is in the table</button>
    </div>
    <div class="scroll" role="region" aria-label="Both versions" tabindex="0">
      <table class="versions">
        <thead><tr><th scope="col">Attribute</th><th scope="col">In the table now</th><th scope="col">Yours</th></tr></thead>
        <tbody>
          ${[...names].map(
            (name) => html`<tr class=${different.has(name) ? "differs" : ""}>
              <th scope="row"><bdi>${name}</bdi></th>
              <td>${show(current, name)}</td>
              <td>${show(mine, name)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
