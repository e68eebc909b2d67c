/** A refusal of the server, or its silence, in the reader's words. */
import { Problem, Unreachable, type MessageKey } from '@seatwright/shared';

import { t } from './words.ts';

const KNOWN: Record<string, MessageKey> = {
  seats_taken: 'refused.seats_taken',
  hold_expired: 'refused.hold_expired',
  not_on_sale: 'refused.not_on_sale',
  sale_closed: 'refused.not_on_sale',
  sale_paused: 'sale.paused_text',
  sale_ended: 'sale.ended_text',
  event_cancelled: 'sale.cancelled_text',
  sale_cancelled: 'sale.cancelled_text',
  seat_limit: 'refused.too_many',
  address_seat_limit: 'refused.from_here',
  no_suitable_seats: 'refused.none_together',
  hold_not_found: 'refused.hold_expired',
  idempotency_mismatch: 'refused.ordered',
  gone: 'refused.hold_expired',
  order_not_payable: 'refused.not_payable',
  payment_pending: 'refused.payment_pending',
  sold_out: 'refused.sold_out',
  already_extended: 'refused.already_extended',
  unavailable: 'refused.outage',
  card_declined: 'declined.card_declined',
  insufficient_funds: 'declined.insufficient_funds',
  challenge_failed: 'declined.challenge_failed',
  challenge_expired: 'declined.challenge_expired',
};

export function inWords(error: unknown): string {
  if (error instanceof Unreachable) return t('refused.unreachable');
  if (!(error instanceof Problem)) return t('refused.fault');
  const key = KNOWN[error.code];
  if (key) return t(key);
  if (error.code === 'buyer_limit' && error.limit) return beyondLimit(error.limit);
  if (error.status === 429 && error.retryAfterS !== null) return t('refused.wait', { n: error.retryAfterS });
  if (error.status === 429) return t('refused.busy');
  if (isOutage(error)) return t('refused.outage');
  if (error.status === 404) return t('refused.gone');
  return error.status >= 500 || !error.detail ? t('refused.fault') : error.detail;
}

function beyondLimit({ most, left }: { most: number; left: number }): string {
  return `${t('refused.buyer_limit', { n: most })} ${t('refused.buyer_left', { n: left })}`;
}

/** For a write that must be asked about again: silence, an outage, or "not so fast" with the time to wait. */
export function unknownInWords(error: unknown): string {
  if (!(error instanceof Problem)) return t('checkout.no_answer');
  if (error.status === 429) return inWords(error);
  return t(isOutage(error) ? 'checkout.outage' : 'checkout.no_answer');
}

/** Something of ours is away, or did not answer in time: no rush, and nothing that a reader did. */
function isOutage({ status }: Problem): boolean {
  return status >= 502 && status <= 504;
}

/** Why the bank said no; an unknown reason is still a no. */
export function declineInWords(code: string | null): string {
  return t(KNOWN[code ?? ''] ?? 'declined.card_declined');
}
