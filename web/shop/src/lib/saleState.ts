/** Where an event stands between announcement and last seat: one answer for list, page and map. */
import type { EventSummary } from '@seatwright/shared';

export type SaleState = 'cancelled' | 'ended' | 'paused' | 'soon' | 'sold_out' | 'open';

/** States in which nothing of the event can be bought again, or not before somebody says so. */
export const SHUT: ReadonlySet<SaleState> = new Set(['cancelled', 'ended', 'paused']);

/** What a refusal says of the whole event, not only of the wish that was refused. */
const REFUSED: Record<string, SaleState> = {
  event_cancelled: 'cancelled',
  sale_cancelled: 'cancelled',
  sale_ended: 'ended',
  sale_paused: 'paused',
};

export function stateRefused(code: string): SaleState | null {
  return REFUSED[code] ?? null;
}

/** `now` in milliseconds on the server's clock; `free` when it is known. */
export function saleState(
  event: EventSummary,
  now: number,
  free: number | null = event.free ?? null,
): SaleState {
  if (event.status === 'cancelled') return 'cancelled';
  if (event.status === 'ended' || (event.off_sale_at && Date.parse(event.off_sale_at) <= now)) return 'ended';
  if (event.status === 'paused') return 'paused';
  if (event.on_sale_at && Date.parse(event.on_sale_at) > now) return 'soon';
  if (free === 0) return 'sold_out';
  return 'open';
}
