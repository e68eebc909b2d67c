/** One order, asked for again until nothing more can happen to it by itself. */
import { Problem, type Order } from '@seatwright/shared';

import { api } from '#lib/services.ts';

const POLL_MS_MIN = 1_000;
const POLL_MS_MAX = 10_000;
const GROWTH = 1.4;
// The links to the files are good for some minutes only: fresh ones come before they end.
const REFRESH_MS = 10 * 60_000;

export class OrderWatch {
  order = $state.raw<Order | null>(null);
  error = $state.raw<unknown>(null);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = POLL_MS_MIN;
  private readonly ended = new AbortController();

  constructor(
    readonly code: string,
    readonly secret: string,
  ) {}

  async look(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const order = await api.order(this.code, this.secret, this.ended.signal);
      this.error = null;
      this.order = order;
    } catch (error) {
      if (this.ended.signal.aborted) return;
      this.error = error;
      // What is not ours does not become ours by asking again.
      if (error instanceof Problem && error.status < 500 && error.status !== 429) return;
    }
    if (this.ended.signal.aborted) return;
    const settled = this.order !== null && isSettled(this.order) && !this.error;
    this.timer = setTimeout(() => this.due(), settled ? REFRESH_MS : this.wait);
    this.wait = Math.min(POLL_MS_MAX, this.wait * GROWTH);
  }

  // Nobody looks at a page in the background; it is asked for when somebody does again.
  private due(): void {
    if (document.visibilityState === 'visible') return void this.look();
    document.addEventListener('visibilitychange', () => this.due(), {
      once: true,
      signal: this.ended.signal,
    });
  }

  /** Something was done: look at once, and often again. */
  async again(): Promise<void> {
    this.wait = POLL_MS_MIN;
    await this.look();
  }

  destroy(): void {
    this.ended.abort();
    clearTimeout(this.timer);
  }
}

/** Nothing more will come without somebody doing something. */
export function isSettled(order: Order): boolean {
  switch (order.status) {
    case 'paid':
      return (
        order.tickets.length > 0 &&
        order.tickets.every((ticket) => ticket.code !== null || ticket.status !== 'valid')
      );
    case 'awaiting_payment':
      return false;
    case 'payment_in_doubt':
      return false;
    default:
      return true;
  }
}
