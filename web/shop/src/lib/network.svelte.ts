/** Whether the browser thinks that it has a network. */
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const ended = new AbortController();
  addEventListener('online', update, { signal: ended.signal });
  addEventListener('offline', update, { signal: ended.signal });
  return () => ended.abort();
});

export function isOnline(): boolean {
  subscribe();
  return navigator.onLine;
}

/** Waits until the browser thinks that there is a network again. */
export function online(): Promise<void> {
  if (navigator.onLine) return Promise.resolve();
  return new Promise((done) => addEventListener('online', () => done(), { once: true }));
}
