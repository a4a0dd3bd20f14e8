// Whom a stage with TRUST_CALLER_HEADER takes the page for.

import { html, useState } from "./preact-htm.js";
import { caller } from "./gateway.js";
import { storedIn, useStore } from "./hooks.js";
import { Dialog, Field } from "./parts.js";

const KINDS = {
  user: "user, by the subject of a token",
  apiKey: "API key, by its id",
  iamUser: "IAM user, by its ARN",
  iamRole: "IAM role, by account/role",
  anonymous: "anonymous",
  invoke: "direct invocation",
};
const KEPT_CALLERS = 10;

const recent = storedIn(localStorage, "callers", []);

const nameOf = ({ kind, id, groups = [] }) => `${kind} ${id}${groups.length ? ` (${groups.join(", ")})` : ""}`;

export function CallerMenu() {
  const current = useStore(caller);
  const callers = useStore(recent);
  const [open, setOpen] = useState(false);
  const choices = [["", "no caller"], ...callers.map((each) => [JSON.stringify(each), nameOf(each)]), ["new", "another caller…"]];
  const choose = (value) => (value === "new" ? setOpen(true) : caller.set(value ? JSON.parse(value) : null));
  return html`<${Field} label="Act as" choices=${choices} value=${open ? "new" : current ? JSON.stringify(current) : ""} onValue=${choose} />
    ${open && html`<${CallerDialog} onClose=${() => setOpen(false)} />`}`;
}

function CallerDialog({ onClose }) {
  const [kind, setKind] = useState("user");
  const [id, setId] = useState("");
  const [groups, setGroups] = useState("");
  const [claims, setClaims] = useState("");
  const [problem, setProblem] = useState(null);

  function act(event) {
    event.preventDefault();
    const next = { kind, id: id.trim() };
    const names = groups.split(",").map((name) => name.trim()).filter(Boolean);
    if (names.length) next.groups = names;
    try {
      next.claims = claims.trim() ? JSON.parse(claims) : kind === "user" ? { sub: next.id } : undefined;
    } catch {
      setProblem('The claims are not a JSON object such as {"sub": "u1"}.');
      return;
    }
    caller.set(next);
    const others = recent.get().filter((each) => JSON.stringify(each) !== JSON.stringify(next));
    recent.set([next, ...others].slice(0, KEPT_CALLERS));
    onClose();
  }

  return html`<${Dialog} title="Act as another caller" onClose=${onClose}>
    <form onSubmit=${act}>
      <${Field} label="Kind" choices=${Object.entries(KINDS)} value=${kind} onValue=${setKind} />
      <${Field} label="Id" required value=${id} onValue=${setId} />
      <${Field} label="Groups, with commas between them" value=${groups} onValue=${setGroups} />
      <${Field} label="Claims, as a JSON object" placeholder=${kind === "user" ? `{"sub": "${id}"}` : ""} value=${claims} onValue=${setClaims} />
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <div class="buttons"><button class="main">Act as this caller</button><button type="button" onClick=${onClose}>Cancel</button></div>
    </form>
  <//>`;
}
