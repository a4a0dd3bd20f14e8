// The address of a view: `#/items/orders?index=by-date`. It holds the table and the query, so that a view can be linked.
// It stands behind the #, which a browser sends to no server.

import { store } from "./hooks.js";

export const address = store(read());

addEventListener("hashchange", () => address.set(read()));
addEventListener("popstate", () => address.set(read()));

export function link(view, table, query = {}) {
  const path = [view, table].filter(Boolean).map(encodeURIComponent).join("/");
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return `#/${path}${search && `?${search}`}`;
}

/** `state` belongs to this place in the browser's history. */
export function go(to, state = null) {
  history.pushState(state, "", to);
  address.set(read());
}

function read() {
  const [path, search] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view = "", table = ""] = path.split("/").map(decoded);
  return { view, table, query: new URLSearchParams(search ?? "") };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
