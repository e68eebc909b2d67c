import type { EventSummary } from '@seatwright/shared';
import { expect, it } from 'vitest';

import { saleState, stateRefused } from './saleState.ts';

const NOW = Date.parse('2026-12-01T10:00:00Z');
const event = (changes: Partial<EventSummary>): EventSummary =>
  ({
    status: 'on_sale',
    on_sale_at: '2026-11-01T10:00:00Z',
    off_sale_at: '2026-12-31T10:00:00Z',
    ...changes,
  }) as EventSummary;

it.each([
  ['open', {}, null],
  ['open', {}, 3],
  ['sold_out', {}, 0],
  ['soon', { status: 'scheduled', on_sale_at: '2026-12-01T10:00:00.001Z' }, null],
  // The list may be a second older than the clock: at ten the button is there.
  ['open', { status: 'scheduled', on_sale_at: '2026-12-01T10:00:00Z' }, null],
  ['ended', { off_sale_at: '2026-12-01T10:00:00Z' }, 5],
  ['ended', { status: 'ended' }, null],
  ['paused', { status: 'paused' }, null],
  ['cancelled', { status: 'cancelled', off_sale_at: '2026-01-01T10:00:00Z' }, 0],
] as const)('is %s for %o with %s left', (expected, changes, free) => {
  expect(saleState(event(changes), NOW, free)).toBe(expected);
});

it.each([
  ['sale_paused', 'paused'],
  ['sale_ended', 'ended'],
  ['event_cancelled', 'cancelled'],
  ['seats_taken', null],
  ['not_on_sale', null],
] as const)('takes the refusal %s for the state %s of the whole event', (code, expected) => {
  expect(stateRefused(code)).toBe(expected);
});
