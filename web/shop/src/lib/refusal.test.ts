import { isUnknown, Problem, readProblem, seatsAtOnceMax, type EventSummary } from '@seatwright/shared';
import { beforeAll, expect, it, vi } from 'vitest';

import { inWords, unknownInWords } from './refusal.ts';
import { loadWords } from './words.ts';

beforeAll(async () => {
  vi.stubGlobal('document', { documentElement: {} });
  vi.stubGlobal('navigator', { languages: ['en-GB'] });
  await loadWords();
});

const refusal = (status: number, body: object, headers = {}): Promise<Problem> =>
  readProblem(new Response(JSON.stringify(body), { status, headers }));

it.each([
  [3, 1, 'Each buyer can have 3 places of this event, over all orders. You can have one more.'],
  [3, 2, 'Each buyer can have 3 places of this event, over all orders. You can have 2 more.'],
  [1, 0, 'Each buyer can have one place of this event, over all orders. You have them already.'],
])('says that a buyer may have %i seats, and %i more', async (most, left, words) => {
  const body = { code: 'buyer_limit', detail: 'no', seats_max: most, seats_left: left };
  expect(inWords(await refusal(409, body))).toBe(words);
});

it('does not take the seats of everybody at one address for those of one order', async () => {
  const told = await refusal(409, { code: 'address_seat_limit', detail: 'no' });
  expect(inWords(told)).toMatch(/from your connection already.* Log in/);
});

it('says how long to wait, and of a rush without a time only that there is one', async () => {
  const told = await refusal(429, { code: 'rate_limited', detail: 'no', retry_after_s: 7 });
  expect(inWords(told)).toBe('Too many requests from here. Try again in 7 seconds.');
  expect(inWords(await refusal(429, { code: 'rate_limited' }))).toMatch(/great rush/);
  const header = await refusal(429, { code: 'too_many_requests' }, { 'retry-after': '1' });
  expect(inWords(header)).toBe('Too many requests from here. Try again in a second.');
});

it.each([
  [503, 'unavailable'],
  [503, 'http_503'],
  [504, 'http_504'],
])('does not take an outage (%i %s) for a rush', async (status, code) => {
  const told = await refusal(status, { code, detail: 'no' });
  expect(inWords(told)).toMatch(/not answering on our side.* stay held/);
  expect(unknownInWords(told)).toMatch(/not answering on our side.* stay held.* one order/);
});

it('says that the event is cancelled, also to somebody who pays', async () => {
  expect(inWords(await refusal(409, { code: 'sale_cancelled' }))).toMatch(/does not take place/);
});

it('does not take "not so fast" for the end of a write that may have happened before', async () => {
  const told = await refusal(429, { code: 'rate_limited', retry_after_s: 7 });
  expect(isUnknown(told)).toBe(true);
  expect(unknownInWords(told)).toMatch(/in 7 seconds/);
  expect(isUnknown(await refusal(409, { code: 'buyer_limit', seats_max: 1, seats_left: 0 }))).toBe(false);
});

it.each([
  [8, 3, 3],
  [2, 3, 2],
  [8, null, 8],
  [8, undefined, 8],
])('offers with %s an order and %s a buyer %s seats', (order, buyer, most) => {
  const event = { seats_per_order_max: order, seats_per_buyer_max: buyer } as EventSummary;
  expect(seatsAtOnceMax(event)).toBe(most);
});
