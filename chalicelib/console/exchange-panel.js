// The requests that the page has sent, each with its answer and as something to paste.

import { html, useState } from "./preact-htm.js";
import { link } from "./address.js";
import { exchanges } from "./gateway.js";
import { useStore } from "./hooks.js";
import { pretty } from "./json-text.js";
import { Choice, CopyButton, bytes } from "./parts.js";
import { SNIPPETS } from "./snippets.js";

const MAX_PRETTY_LENGTH = 200_000;
const SHOWN_LENGTH = 20_000;

export function summary(body) {
  const operation = /"operation"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? "request";
  const table = /"tableName"\s*:\s*"([^"]*)"/.exec(body)?.[1];
  return table ? `${operation} ${table}` : operation;
}

export const outcome = ({ status, milliseconds }) => `${status || "no answer"}, ${milliseconds} ms`;

export function ExchangePanel({ stage }) {
  const all = useStore(exchanges);
  const [open, setOpen] = useState(false);
  const [number, setNumber] = useState(null);
  const latest = all[0];
  const shown = all.find((each) => each.number === number) ?? latest;
  if (!latest) return null;
  return html`<aside class="requests" aria-label="Requests">
    <button type="button" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
      Requests <span class="faint">last: ${summary(latest.body)}, ${outcome(latest)}</span>
    </button>
    ${open &&
    html`<div class="panel">
      <ol>
        ${all.map(
          (each) => html`<li key=${each.number}>
            <button type="button" aria-pressed=${String(each === shown)} onClick=${() => setNumber(each.number)}>
              <span class=${each.status === 200 ? "good" : "bad"}>${each.status || "–"}</span> <bdi>${summary(each.body)}</bdi> <span class="faint">${each.milliseconds} ms</span>
            </button>
          </li>`,
        )}
      </ol>
      <${Exchange} key=${shown.number} exchange=${shown} stage=${stage} />
    </div>`}
  </aside>`;
}

const TEXTS = {
  Answer: ({ answer }) => (answer.length > MAX_PRETTY_LENGTH ? answer : pretty(answer)),
  Body: ({ body }) => pretty(body),
};
for (const [language, write] of Object.entries(SNIPPETS))
  TEXTS[language] = ({ body, caller }, stage) => write(pretty(body), stage, caller);

export function Exchange({ exchange, stage, label = "Request" }) {
  const [tab, setTab] = useState("Answer");
  const { body, requestId, caller, cut } = exchange;
  const text = TEXTS[tab](exchange, stage);
  const long = text.length > SHOWN_LENGTH;
  return html`<section class="exchange" aria-label=${label}>
    <div class="line">
      <${Choice} label="What to show" choices=${Object.keys(TEXTS)} value=${tab} onChoose=${setTab} />
      <${CopyButton} text=${text} />
      ${body.length < SHOWN_LENGTH && html`<a href=${link("request", "", { body: pretty(body) })}>Open in the editor</a>`}
    </div>
    <p class="faint">
      ${outcome(exchange)}${requestId && html`, request id <code>${requestId}</code>`}${caller && html`, as ${caller.kind} <bdi>${caller.id}</bdi>`}
    </p>
    <pre tabindex="0">${long ? `${text.slice(0, SHOWN_LENGTH)}…` : text}</pre>
    ${long && html`<p class="faint">The text is ${bytes(text.length)} long; its beginning is shown, and Copy takes all of it.</p>`}
    ${tab === "Answer" && cut && html`<p class="faint">The page has kept the beginning of this answer only.</p>`}
  </section>`;
}
