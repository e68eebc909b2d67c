/** Server time as a value that pages can show; ticks only while somebody shows it. */
import { createSubscriber } from 'svelte/reactivity';

import { clock } from './services.ts';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 250);
  return () => clearInterval(timer);
});

/** Milliseconds since 1970 on the server's clock; read inside a template or an effect it stays current. */
export function serverNow(): number {
  subscribe();
  return clock.now();
}
