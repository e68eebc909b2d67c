/** The page's own clock and its way to the server; one of each for the whole shop. */
import { createApi, createServerClock } from '@seatwright/shared';

export const clock = createServerClock(() => Date.now());
export const api = createApi('', clock);

// From the event page to its map is one tap: the event need not be asked for twice.
const EVENT_AGE_MS_MAX = 15_000;
let latest: { key: string; at: number; event: ReturnType<typeof api.event> } | null = null;

/** The event, from a few seconds ago if it was asked for then. */
export function recentEvent(key: string): ReturnType<typeof api.event> {
  const now = performance.now();
  if (latest?.key === key && now - latest.at < EVENT_AGE_MS_MAX) return latest.event;
  const event = api.event(key);
  const made = { key, at: now, event };
  latest = made;
  event.catch(() => {
    if (latest === made) latest = null;
  });
  return event;
}
