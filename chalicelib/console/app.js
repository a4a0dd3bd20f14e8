// The page: its frame, and the view that the address names.

import { html, render, useEffect, useErrorBoundary } from "./preact-htm.js";
import { address, link } from "./address.js";
import { CallerMenu } from "./caller-menu.js";
import { ExchangePanel } from "./exchange-panel.js";
import { ROUTE } from "./gateway.js";
import { useStore } from "./hooks.js";
import { ItemView, NewItemView } from "./item-view.js";
import { ItemsView } from "./items-view.js";
import { Empty, Problem } from "./parts.js";
import { RequestView } from "./request-view.js";
import { TableNav, TableView, TablesView } from "./tables-view.js";

const VIEWS = {
  "": TablesView,
  table: TableView,
  items: ItemsView,
  item: ItemView,
  new: NewItemView,
  request: RequestView,
};

function App({ stage }) {
  const { view, table, query } = useStore(address);
  const View = Object.hasOwn(VIEWS, view) ? VIEWS[view] : Unknown;
  useEffect(() => {
    document.title = [table || (view === "request" && "Request"), "Console", stage.name].filter(Boolean).join(" · ");
    document.getElementById("view").focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [view, table]);
  // Another view, table or item begins anew.
  const identity = view === "items" || view === "request" ? `${view}/${table}` : `${view}/${table}?${query}`;
  return html`
    <a class="skip" href="#view" onClick=${skip}>Skip to the view</a>
    <header class=${stage.deployed ? "deployed" : ""}>
      <a class="home" href=${link("")}>Console</a>
      <p class="stage">
        <span class="badge">${stage.deployed ? "Deployed stage" : "Local"}</span>
        <bdi title=${stage.url}>${stage.name}</bdi>
        ${stage.dynamodb && html`<span class="faint wide">DynamoDB at ${stage.dynamodb}</span>`}
      </p>
      <nav class="tools" aria-label="Tools">
        <a href=${link("request")} aria-current=${view === "request" ? "page" : null}>Request</a>
        ${stage.callerHeader && html`<${CallerMenu} />`}
      </nav>
    </header>
    <div class="frame">
      <${TableNav} current=${table} />
      <main id="view" tabindex="-1" key=${identity}><${Guarded}><${View} stage=${stage} table=${table} query=${query} /><//></main>
    </div>
    <${ExchangePanel} stage=${stage} />
  `;
}

function Guarded({ children }) {
  const [error] = useErrorBoundary();
  if (!error) return children;
  return html`<h1>This view has failed</h1>
    <${Problem} error=${error} />
    <p>The address may be damaged. <a href=${link("")}>See the tables</a>, or load the page again.</p>`;
}

function skip(event) {
  event.preventDefault();
  document.getElementById("view").focus();
}

const Unknown = () =>
  html`<h1>There is no such view</h1>
    <${Empty}><p>The address is not one of this page. <a href=${link("")}>See the tables</a>.</p><//>`;

async function start() {
  const response = await fetch("console/stage.json");
  const stage = await response.json();
  stage.url ??= new URL(ROUTE, location).href;
  document.body.replaceChildren();
  render(html`<${App} stage=${stage} />`, document.body);
}

start();
