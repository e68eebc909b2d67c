/** The only way from a page to the server: typed calls, deadlines, refusals as `Problem`. */
import type { ServerClock } from './clock.ts';
import type { EventDetail, EventList, Hold, HoldWish, Order, OrderWish, PaymentWish } from './contract.ts';
import { Problem, Unreachable, readProblem } from './problem.ts';

// A phone on a train may need seconds for one round trip; past this nobody is still looking.
const READ_TIMEOUT_MS = 12_000;
// An order waits for the payment gateway, which may take its time before it says yes.
const PAY_TIMEOUT_MS = 45_000;

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** As if nobody were logged in here. */
  guest?: boolean;
}

export interface Api {
  events(query: URLSearchParams, signal?: AbortSignal): Promise<EventList>;
  event(idOrSlug: string, signal?: AbortSignal): Promise<EventDetail>;
  /** How many places are free now. */
  freeCount(eventId: string, signal?: AbortSignal): Promise<number>;
  makeHold(eventId: string, holdId: string, wish: HoldWish): Promise<Hold>;
  hold(id: string): Promise<Hold>;
  extendHold(id: string): Promise<Hold>;
  releaseHold(id: string): Promise<void>;
  placeOrder(key: string, wish: OrderWish): Promise<Order>;
  /** The order that a request with this key has made, without what opens it; null where there is none. */
  orderOfKey(key: string, holdToken: string): Promise<Order | null>;
  order(code: string, secret: string, signal?: AbortSignal): Promise<Order>;
  pay(code: string, secret: string, key: string, wish: PaymentWish): Promise<Order>;
}

interface Told {
  server_time?: string;
}

/** Calls to one server: as they are, with its time taken, and of holds. */
interface Calls {
  plain<T>(path: string, options?: Call): Promise<T>;
  timed<T extends Told>(path: string, options?: Call): Promise<T>;
  ofHold<T extends Told>(path: string, options?: Call): Promise<T>;
}

const at = encodeURIComponent;

/**
 * `base` is '' for the own origin. Every answer's `server_time` feeds `clock`.
 * Every call throws `Problem` (refused) or `Unreachable` (unknown), or `AbortError` by the caller's signal.
 */
export function createApi(base: string, clock: ServerClock): Api {
  const calls = createCalls(base, clock);
  return { ...events(calls), ...holds(calls), ...orders(calls) };
}

function createCalls(base: string, clock: ServerClock): Calls {
  const plain = <T>(path: string, options: Call = {}): Promise<T> => callServer<T>(base + path, options);

  async function timed<T extends Told>(path: string, options: Call = {}): Promise<T> {
    const sentAt = Date.now();
    const told = await plain<T>(path, options);
    if (told?.server_time) clock.observe(told.server_time, sentAt, Date.now());
    return told;
  }

  // A hold that was made before logging in is a guest's still: its session does not open it.
  async function ofHold<T extends Told>(path: string, options: Call = {}): Promise<T> {
    try {
      return await timed<T>(path, options);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'hold_not_found') throw error;
      return timed<T>(path, { ...options, guest: true });
    }
  }

  return { plain, timed, ofHold };
}

function events({ plain, timed }: Calls): Pick<Api, 'events' | 'event' | 'freeCount'> {
  return {
    events: (query, signal) => plain(`/v1/events?${query}`, { signal }),
    event: (idOrSlug, signal) => timed(`/v1/events/${at(idOrSlug)}`, { signal }),
    freeCount: async (eventId, signal) =>
      (await plain<{ counts: { free: number } }>(`/v1/events/${at(eventId)}/availability`, { signal })).counts
        .free,
  };
}

function holds({ timed, ofHold }: Calls): Pick<Api, 'makeHold' | 'hold' | 'extendHold' | 'releaseHold'> {
  return {
    makeHold: (eventId, holdId, wish) =>
      timed('/v1/holds', { method: 'POST', body: { event_id: eventId, hold_id: holdId, ...wish } }),
    hold: (id) => ofHold(`/v1/holds/${at(id)}`),
    extendHold: (id) => ofHold(`/v1/holds/${at(id)}/extensions`, { method: 'POST', body: {} }),
    releaseHold: async (id) => {
      await ofHold(`/v1/holds/${at(id)}`, { method: 'DELETE' });
    },
  };
}

function orders({ timed }: Calls): Pick<Api, 'placeOrder' | 'orderOfKey' | 'order' | 'pay'> {
  // Its owner's session opens it as well.
  const opened = (secret: string): Record<string, string> => (secret ? { 'x-order-secret': secret } : {});
  return {
    placeOrder: (key, wish) =>
      timed('/v1/orders', {
        method: 'POST',
        body: wish,
        headers: { 'idempotency-key': key },
        timeoutMs: PAY_TIMEOUT_MS,
      }),
    orderOfKey: async (key, holdToken) => {
      const told: Told & { order: Order | null } = await timed('/v1/idempotency', {
        headers: { 'idempotency-key': key, ...(holdToken ? { 'x-hold-token': holdToken } : {}) },
      });
      return told.order;
    },
    order: (code, secret, signal) => timed(`/v1/orders/${at(code)}`, { headers: opened(secret), signal }),
    pay: (code, secret, key, wish) =>
      timed(`/v1/orders/${at(code)}/payments`, {
        method: 'POST',
        body: wish,
        headers: { ...opened(secret), 'idempotency-key': key },
        timeoutMs: PAY_TIMEOUT_MS,
      }),
  };
}

/** One call; throws `Problem` (refused), `Unreachable` (unknown), or `AbortError` by the caller's signal. */
export async function callServer<T>(url: string, options: Call = {}): Promise<T> {
  const response = await ask(url, options);
  if (response.status === 204) return undefined as T;
  if (!response.ok) throw await readProblem(response);
  return (await response.json().catch(() => {
    throw new Unreachable('the answer was cut short');
  })) as T;
}

async function ask(url: string, options: Call): Promise<Response> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? READ_TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  try {
    return await fetch(url, {
      method: options.method ?? 'GET',
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal,
      credentials: options.guest ? 'omit' : 'same-origin',
      // Prices, places and times are asked for because they may have changed.
      cache: 'no-store',
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new Unreachable(deadline.aborted ? 'no answer in time' : 'no connection');
  }
}
