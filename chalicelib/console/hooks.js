// State: stores that outlive a view, and the state of work that takes time.

import { useEffect, useState } from "./preact-htm.js";

export function store(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const follow of followers) follow(next);
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

export function storedIn(storage, name, initial) {
  let value = initial;
  try {
    value = JSON.parse(storage.getItem(name)) ?? initial;
  } catch {
    // It cannot be read.
  }
  const kept = store(value);
  kept.follow((next) => {
    try {
      storage.setItem(name, JSON.stringify(next));
    } catch {
      // The storage is full or off.
    }
  });
  return kept;
}

export function useStore(followed) {
  const [value, setValue] = useState(followed.get());
  useEffect(() => {
    setValue(followed.get());
    return followed.follow(setValue);
  }, [followed]);
  return value;
}

/** Load something anew whenever `inputs` change; the last value stays until the next has come. */
export function useLoaded(load, inputs) {
  const [count, setCount] = useState(0);
  const [state, setState] = useState({ busy: true });
  useEffect(() => {
    const control = new AbortController();
    setState((last) => ({ value: last.value, busy: true }));
    load(control.signal).then(
      (value) => control.signal.aborted || setState({ value, busy: false }),
      (error) => control.signal.aborted || setState((last) => ({ value: last.value, error, busy: false })),
    );
    return () => control.abort();
  }, [...inputs, count]);
  return { ...state, again: () => setCount(count + 1) };
}
