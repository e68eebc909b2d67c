import { Problem, type EventDetail, type Hold } from '@seatwright/shared';

import { api } from '#lib/services.ts';
import { together } from '#lib/checkout/shared.ts';
import { draftKey, heldFor, recall, type Draft } from '#lib/tab.ts';

export interface Purchase {
  holdId: string;
  hold: Hold | null;
  event: EventDetail | null;
  /** This hold has become an order already. */
  order: Draft['order'];
  /** A request without an answer stands: what became of it must be asked before anything else. */
  sent: boolean;
}

export function load({ params }: { params: { hold: string } }): { purchase: Promise<Purchase> } {
  const purchase = find(params.hold);
  purchase.catch(() => undefined);
  return { purchase };
}

async function find(holdId: string): Promise<Purchase> {
  const draft = recall<Draft>(draftKey(holdId));
  const told = together(holdId);
  const known = {
    holdId,
    order: draft?.order ?? told?.order ?? null,
    sent: Boolean(draft?.sent ?? told?.sent),
  };
  // Asking for the hold would only tell that the order has used it up.
  if (known.order || known.sent) return { ...known, hold: null, event: null };
  try {
    const found = await api.hold(holdId);
    // The token is told when the hold is made; this tab may be the only one that has kept it.
    const kept = heldFor(found.event_id);
    const hold = kept?.id === holdId ? { ...kept, ...found } : found;
    return { ...known, hold, event: await api.event(hold.event_id) };
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 410))
      return { ...known, hold: null, event: null };
    throw error;
  }
}
