// The request editor: any operation, with completion, and the requests of before.

import { html, useEffect, useRef, useState } from "./preact-htm.js";
import { link } from "./address.js";
import { Exchange, summary } from "./exchange-panel.js";
import { history, send } from "./gateway.js";
import { useLoaded, useStore } from "./hooks.js";
import { parse, pretty } from "./json-text.js";
import { Busy, Editor, Field, Problem } from "./parts.js";
import { complete } from "./completion.js";
import { knownTables } from "./tables.js";

const START = '{"operation": "ping"}';

export function RequestView({ stage, query }) {
  const [text, setText] = useState(query.get("body") ?? pretty(history.get()[0]?.body ?? START));
  const [started, setStarted] = useState("");
  const [state, setState] = useState({});
  const sending = useRef(null);
  const { value: document } = useLoaded(openApi, []);
  const tables = useStore(knownTables);
  const fromAddress = query.get("body");
  useEffect(() => {
    if (fromAddress) setText(fromAddress);
  }, [fromAddress]);
  const examples = document?.paths["/DynamoDBManager"].post.requestBody.content["application/json"].examples ?? {};
  const problem = problemIn(text);

  async function submit() {
    if (problem) return;
    sending.current?.abort();
    const control = (sending.current = new AbortController());
    setState({ busy: true });
    if (text.length < 4000) window.history.replaceState(null, "", link("request", "", { body: text }));
    try {
      setState({ exchange: await send(text, control.signal) });
    } catch (error) {
      if (!control.signal.aborted) setState({ error });
    }
  }

  function take(operation) {
    setStarted(operation);
    if (operation) setText(pretty(JSON.stringify(examples[operation]?.value ?? { operation, payload: {} })));
  }

  return html`<h1>Request</h1>
    <div class="line">
      <${Field} label="Start from" choices=${[["", "an operation…"], ...stage.operations]} value=${started} onValue=${take} />
      <button type="button" class="main" disabled=${Boolean(problem)} onClick=${submit}>Send</button>
      <span class="faint wide">Ctrl+Enter sends${document ? ", Ctrl+Space completes" : ""}</span>
    </div>
    <${Editor}
      label="The request, a JSON object"
      text=${text}
      onText=${setText}
      problem=${problem}
      onSubmit=${submit}
      complete=${document && ((value, cursor) => complete(value, cursor, document, tables))}
    />
    ${state.busy && html`<${Busy}>Sending<//>`}
    <${Problem} error=${state.error} />
    ${state.exchange && html`<${Exchange} key=${state.exchange.number} exchange=${state.exchange} stage=${stage} label="Answer" />`}
    <${History} onTake=${setText} />`;
}

function problemIn(text) {
  try {
    parse(text);
    return null;
  } catch (error) {
    return error;
  }
}

async function openApi(signal) {
  const response = await fetch("openapi.json", { signal });
  return response.ok ? response.json() : null;
}

function History({ onTake }) {
  const bodies = useStore(history);
  if (!bodies.length) return null;
  return html`<h2>History</h2>
    <p class="faint">The requests of this tab, without their answers. <button type="button" class="quiet" onClick=${() => history.set([])}>Clear it</button></p>
    <ol>
      ${bodies.map(
        ({ at, body, status }) => html`<li key=${body}>
          <button type="button" onClick=${() => { onTake(pretty(body)); scrollTo(0, 0); }}>
            <span class=${status === 200 ? "good" : "bad"}>${status || "–"}</span> <bdi>${summary(body)}</bdi> <span class="faint">${new Date(at).toLocaleString()}</span> <code>${body.slice(0, 200)}</code>
          </button>
        </li>`,
      )}
    </ol>`;
}
