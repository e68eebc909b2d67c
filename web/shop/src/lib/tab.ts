/**
 * What must survive a reload of this tab and nothing more: drafts, the hold, idempotency keys and
 * order secrets. Kept in sessionStorage; where there is none (some private modes) in memory.
 */
import type { Hold, OrderWish, PaymentWish } from '@seatwright/shared';

const memory = new Map<string, string>();

export function recall<T>(key: string): T | null {
  const text = kept(key) ?? memory.get(key) ?? null;
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

// Where storage is forbidden even asking for it throws: then memory answers.
function kept(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: unknown): void {
  const text = JSON.stringify(value);
  memory.set(key, text);
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // Full or forbidden: memory has it as long as the page lives.
  }
}

export function forget(key: string): void {
  memory.delete(key);
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept there.
  }
}

/** The checkout of one hold, as far as it has come. */
export interface Draft {
  name: string;
  email: string;
  token: string;
  /** Counts the different requests made for this hold; part of the idempotency key. */
  attempt: number;
  /** Sent and not answered yet: to be repeated as it is, with its own key. */
  sent: { key: string; wish: OrderWish } | { key: string; pay: PaymentWish } | null;
  /** The order, once there is one. */
  order: { code: string; secret: string } | null;
}

export const draftKey = (hold: string): string => `sw.checkout.${hold}`;
export const holdKey = (eventId: string): string => `sw.hold.${eventId}`;
export const secretKey = (code: string): string => `sw.order.${normalCode(code)}`;

/** `kx7-qm3-9pa` and `KX7QM39PA` are one code. */
export function normalCode(code: string): string {
  return code.replace(/-/g, '').toUpperCase();
}

/** All holds of this tab, whether or not they still stand. */
export function heldNow(): Hold[] {
  const prefix = holdKey('');
  let keys = [...memory.keys()];
  try {
    keys = Array.from({ length: sessionStorage.length }, (_, n) => sessionStorage.key(n) ?? '');
  } catch {
    // Then memory has them.
  }
  return keys.filter((key) => key.startsWith(prefix)).flatMap((key) => recall<Hold>(key) ?? []);
}

export const heldFor = (eventId: string): Hold | null => recall<Hold>(holdKey(eventId));
