/**
 * What the tabs of one browser know together of a hold's checkout: the request that is under way, and the
 * order. Without it a second tab would make a request of its own, and tell a buyer who has paid that the
 * seats are gone. It is kept for as long as an order may wait for its money, and then forgotten: it holds
 * the order's secret, so the first page that is opened after that removes it.
 */
import type { Draft } from '#lib/tab.ts';

const PREFIX = 'sw.till.';
// Longer than any hold and any order without its money lives.
const AGE_MS_MAX = 60 * 60_000;

/** The part of a draft that belongs to the hold, whichever tab looks at it. */
export type Together = Pick<Draft, 'attempt' | 'sent' | 'order'>;

export function together(hold: string): Together | null {
  return read(PREFIX + hold);
}

export function tellTabs(hold: string, { attempt, sent, order }: Together): void {
  try {
    localStorage.setItem(PREFIX + hold, JSON.stringify({ attempt, sent, order, at: Date.now() }));
  } catch {
    // Without storage every tab is alone; the server still makes one order of all.
  }
}

/** Calls `heard` when another tab has told something of this hold; answers how to stop that. */
export function onTold(hold: string, heard: (told: Together) => void): () => void {
  const listen = ({ key }: StorageEvent): void => {
    const told = key === PREFIX + hold ? together(hold) : null;
    if (told) heard(told);
  };
  addEventListener('storage', listen);
  return () => removeEventListener('storage', listen);
}

function read(key: string): Together | null {
  try {
    const told = JSON.parse(localStorage.getItem(key) ?? 'null') as (Together & { at: number }) | null;
    return told && Date.now() - told.at < AGE_MS_MAX ? told : null;
  } catch {
    return null;
  }
}

/** Removes what has grown old; asked for with every load of the shop. */
export function forgetOld(): void {
  try {
    const ours = Array.from({ length: localStorage.length }, (_, n) => localStorage.key(n) ?? '');
    for (const key of ours) if (key.startsWith(PREFIX) && !read(key)) localStorage.removeItem(key);
  } catch {
    // Without storage there is nothing to forget.
  }
}
