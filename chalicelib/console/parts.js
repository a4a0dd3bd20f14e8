// The parts that views are made of.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact-htm.js";
import { place } from "./json-text.js";

/** A text to edit, with line numbers, the place of a problem marked, and completion where `complete` is given. */
export function Editor({ label, text, onText, problem, complete, onSubmit }) {
  const field = useRef();
  const behind = useRef();
  const [offer, setOffer] = useState(null);
  const lines = text.split("\n").length;
  const at = problem && place(text, problem.start);
  const chosen = offer?.choices[offer.chosen];

  function scroll() {
    const { scrollTop, scrollLeft } = field.current;
    for (const layer of behind.current.querySelectorAll("pre")) Object.assign(layer, { scrollTop, scrollLeft });
  }
  useLayoutEffect(scroll);

  function suggest() {
    const { selectionStart, selectionEnd, value } = field.current;
    const found = selectionStart === selectionEnd && complete(value, selectionStart);
    setOffer(found && found.choices.length ? { ...found, cursor: selectionStart, chosen: 0 } : null);
  }

  function select(start, end) {
    field.current.blur();
    field.current.setSelectionRange(start, end);
    field.current.focus();
  }

  function accept({ insert }) {
    // The quotes and the colon that stand there already are not written twice.
    const after = text.slice(offer.cursor).replace(/^"(\s*:\s*)?/, "");
    const cursor = offer.from + insert.length;
    onText(text.slice(0, offer.from) + insert + after);
    setOffer(null);
    // The view may have gone by then.
    requestAnimationFrame(() => field.current && select(cursor, cursor));
  }

  const turn = (step) => setOffer({ ...offer, chosen: (offer.chosen + step + offer.choices.length) % offer.choices.length });
  const keys = {
    ...(onSubmit && { "Control+Enter": onSubmit, "Meta+Enter": onSubmit }),
    ...(complete && { "Control+ ": suggest }),
    ...(offer && { ArrowDown: () => turn(1), ArrowUp: () => turn(-1), Enter: () => accept(chosen), Escape: () => setOffer(null) }),
  };

  function onKeyDown(event) {
    const act = keys[`${event.ctrlKey ? "Control+" : event.metaKey ? "Meta+" : ""}${event.key}`];
    if (!act) return;
    event.preventDefault();
    act();
  }

  return html`<div class="code" ref=${behind}>
      <pre class="lines" aria-hidden="true">${Array.from({ length: lines }, (_, index) => index + 1).join("\n")}</pre>
      <div class="layers">
        ${problem &&
        html`<pre class="marked" aria-hidden="true">${text.slice(0, problem.start)}<mark>${text.slice(problem.start, problem.end)} </mark></pre>`}
        <textarea
          ref=${field}
          aria-label=${label}
          aria-invalid=${String(Boolean(problem))}
          spellcheck=${false}
          autocomplete="off"
          rows=${Math.min(Math.max(lines + 1, 6), 30)}
          value=${text}
          onInput=${(event) => {
            onText(event.target.value);
            if (complete) suggest();
          }}
          onScroll=${scroll}
          onKeyDown=${onKeyDown}
          onBlur=${() => setOffer(null)}
        ></textarea>
      </div>
    </div>
    ${offer &&
    html`<ul class="offer" aria-label="Completions">
      ${offer.choices.map(
        (choice) => html`<li>
          <button
            type="button"
            tabindex="-1"
            class=${choice === chosen ? "chosen" : ""}
            ref=${(button) => choice === chosen && button?.scrollIntoView({ block: "nearest" })}
            onMouseDown=${(event) => event.preventDefault()}
            onClick=${() => accept(choice)}
          >
            <code>${choice.label}</code> <span class="faint">${choice.note}</span>
          </button>
        </li>`,
      )}
    </ul>`}
    <p class="sr-only" role="status">${offer && `${chosen.label}, ${offer.chosen + 1} of ${offer.choices.length}. Enter inserts it.`}</p>
    ${problem &&
    html`<p class="problem" role="status">
      <button type="button" class="quiet" onClick=${() => select(problem.start, problem.end)}>Line ${at.line}, column ${at.column}</button>
      ${" "}${problem.message}
    </p>`}`;
}

const ADVICE = {
  0: "Start the server again, then try once more.",
  403: "Choose another caller or table, or have the stage allow this.",
  429: "The table is too busy. Wait a little, then try once more.",
  503: "DynamoDB cannot be reached. Wait a little, then try once more.",
  504: "DynamoDB was too slow. Ask for less, or try once more.",
};

export function Problem({ error, again }) {
  if (!error) return null;
  return html`<div class="problem" role="alert">
    <p>
      ${error.code && html`<strong>${error.code}</strong>${" "}`}${error.status > 0 && html`<span>${error.status}</span> `}
      <bdi>${error.message}</bdi>
    </p>
    ${ADVICE[error.status] && html`<p>${ADVICE[error.status]}</p>`}
    ${error.requestId && html`<p class="faint">Request id <code>${error.requestId}</code></p>`}
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
}

export function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useEffect(() => {
    const shown = dialog.current;
    shown.showModal();
    // Closing gives the focus back to where it was.
    return () => shown.close();
  }, []);
  return html`<dialog ref=${dialog} aria-label=${title} onCancel=${(event) => { event.preventDefault(); onClose(); }}>
    <h2>${title}</h2>
    ${children}
  </dialog>`;
}

export function Question({ title, action, onYes, onNo, children }) {
  return html`<${Dialog} title=${title} onClose=${onNo}>
    ${children}
    <div class="buttons">
      <button type="button" class="danger" onClick=${onYes}>${action}</button>
      <button type="button" autofocus onClick=${onNo}>Cancel</button>
    </div>
  <//>`;
}

export function Field({ label, value, choices, onValue, ...rest }) {
  const onInput = (event) => onValue(event.target.value);
  return html`<label>
    ${label}
    ${choices
      ? html`<select value=${value} onChange=${onInput} ...${rest}>${pairs(choices).map(([each, text]) => html`<option value=${each}>${text}</option>`)}</select>`
      : html`<input value=${value} onInput=${onInput} ...${rest} />`}
  </label>`;
}

export const Check = ({ label, checked, onCheck, ...rest }) =>
  html`<label class="radio"><input type="checkbox" checked=${checked} onChange=${(event) => onCheck(event.target.checked)} ...${rest} />${label}</label>`;

export const Choice = ({ label, choices, value, onChoose }) => html`<div class="choice" role="group" aria-label=${label}>
  ${pairs(choices).map(
    ([each, text]) => html`<button type="button" aria-pressed=${String(each === value)} onClick=${() => onChoose(each)}>${text}</button>`,
  )}
</div>`;

const pairs = (choices) => choices.map((each) => (Array.isArray(each) ? each : [each, each]));

export function CopyButton({ text }) {
  const [copied, setCopied] = useState(null);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(text));
  return html`<button type="button" onClick=${copy} aria-live="polite">${copied === text ? "Copied" : "Copy"}</button>`;
}

/** A state of `useLoaded`. */
export const Loaded = ({ value, error, busy, again, children }) => html`<${Problem} error=${error} again=${again} />
  ${busy && !value && html`<${Busy} />`}
  ${value && !error && children(value)}`;

export const Busy = ({ children = "Loading" }) => html`<p role="status">${children}…</p>`;

export const Empty = ({ children }) => html`<div class="empty">${children}</div>`;

export const number = (value) => value.toLocaleString("en");

export const count = (value, thing) => `${number(value)} ${thing}${value === 1 ? "" : "s"}`;

export function bytes(size) {
  if (size < 1e3) return count(size, "byte");
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} KB` : `${number(Math.round(size / 1e6))} MB`;
}
