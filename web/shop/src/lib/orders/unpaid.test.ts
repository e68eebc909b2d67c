import type { Order, OrderStatus } from '@seatwright/shared';
import { beforeEach, expect, it } from 'vitest';

import { forget } from '#lib/tab.ts';
import { dropUnpaid, noteUnpaid, unpaidOrders } from './unpaid.ts';

beforeEach(() => forget('sw.unpaid'));

const order = (code: string, status: OrderStatus, event: string | null): Order =>
  ({ code, status, event: event === null ? null : { id: event } }) as Order;

it('keeps the way back to an order that waits for its money, by event', () => {
  noteUnpaid(order('A', 'awaiting_payment', 'one'), 's1');
  noteUnpaid(order('B', 'awaiting_payment', null), 's2', 'two');
  expect(unpaidOrders('one')).toEqual([{ code: 'A', secret: 's1', event: 'one' }]);
  expect(unpaidOrders('two').map((each) => each.code)).toEqual(['B']);
  expect(unpaidOrders().length).toBe(2);
});

it('knows an order once, however often it is asked for', () => {
  noteUnpaid(order('A', 'awaiting_payment', 'one'), 's1');
  noteUnpaid(order('A', 'awaiting_payment', 'one'), 's1');
  expect(unpaidOrders().length).toBe(1);
});

it.each(['paid', 'expired', 'cancelled', 'payment_in_doubt'] as const)(
  'asks for no money of an order that is %s',
  (status) => {
    noteUnpaid(order('A', 'awaiting_payment', 'one'), 's1');
    noteUnpaid(order('A', status, 'one'), 's1');
    expect(unpaidOrders()).toEqual([]);
  },
);

it('drops an order that is not there any more', () => {
  noteUnpaid(order('A', 'awaiting_payment', 'one'), 's1');
  dropUnpaid('A');
  expect(unpaidOrders()).toEqual([]);
});
