// Whom a stage with TRUST_CALLER_HEADER takes the page for.

import { html, useState } from "./preact-htm.js";
import { caller } from "./gateway.js";
import { storedIn, useStore } from "./hooks.js";
import { Dialog, Field } from "./parts.js";

// The kinds of caller that an access rule can name, and what identifies one.
const KINDS = {
  user: "user: the subject of a token",
  apiKey: "apiKey: the id of an API key",
  iamUser: "iamUser: the ARN of an IAM user",
  iamRole: "iamRole: account/role",
  anonymous: "anonymous",
  invoke: "invoke: a direct invocation",
};
const KEPT_CALLERS = 10;

const recent = storedIn(localStorage, "callers", []);

const nameOf = ({ kind, id, groups = [] }) => `${kind} ${id}${groups.length ? ` (${groups.join(", ")})` : ""}`;

export function CallerMenu() {
  const current = useStore(caller);
  const callers = useStore(recent);
  const [open, setOpen] = useState(false);
  const choices = current && !callers.some((each) => same(each, current)) ? [current, ...callers] : callers;
  const choose = (value) => {
    if (value === "new") setOpen(true);
    else caller.set(value === "" ? null : choices[value]);
  };
  const listed = [["", "no caller"], ...choices.map((each, index) => [String(index), nameOf(each)]), ["new", "another caller…"]];
  const value = current ? String(choices.findIndex((each) => same(each, current))) : "";
  return html`<${Field} label="Act as" choices=${listed} value=${open ? "new" : value} onValue=${choose} />
    ${open && html`<${CallerDialog} onClose=${() => setOpen(false)} />`}`;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

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
    recent.set([next, ...recent.get().filter((each) => !same(each, next))].slice(0, KEPT_CALLERS));
    onClose();
  }

  return html`<${Dialog} title="Act as another caller" onClose=${onClose}>
    <form class="stacked" onSubmit=${act}>
      <${Field} label="Kind" choices=${Object.entries(KINDS)} value=${kind} onValue=${setKind} />
      <${Field} label="Id" required value=${id} onValue=${setId} />
      <${Field} label="Groups, with commas between them" value=${groups} onValue=${setGroups} />
      <${Field} label="Claims, as a JSON object" placeholder=${kind === "user" ? `{"sub": "${id}"}` : ""} value=${claims} onValue=${setClaims} />
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <div class="buttons"><button class="main">Act as this caller</button><button type="button" onClick=${onClose}>Cancel</button></div>
    </form>
  <//>`;
}
