/**
 * Orders of this tab that still wait for their money, so that a page that is not the order's own can
 * lead back to them. Kept like the other memories of a tab; what really stands, the server says.
 */
import type { Order } from '@seatwright/shared';

import { recall, remember } from '#lib/tab.ts';

const SLOT = 'sw.unpaid';

export interface Unpaid {
  code: string;
  secret: string;
  /** Null where the order could not name its event. */
  event: string | null;
}

/** What waits: for one event (its id), or for all. */
export function unpaidOrders(event?: string): Unpaid[] {
  return (recall<Unpaid[]>(SLOT) ?? []).filter((one) => event === undefined || one.event === event);
}

/** Writes down that `order` waits for its money, or that it does no longer. */
export function noteUnpaid(order: Order, secret: string, event = order.event?.id ?? null): void {
  const others = unpaidOrders().filter((one) => one.code !== order.code);
  const waits = order.status === 'awaiting_payment' && secret !== '';
  remember(SLOT, waits ? [...others, { code: order.code, secret, event }] : others);
}

export function dropUnpaid(code: string): void {
  remember(
    SLOT,
    unpaidOrders().filter((one) => one.code !== code),
  );
}
