/**
 * The server's time as this browser can best know it.
 *
 * Countdowns must be right on a phone whose clock is ten minutes off, so no page compares an
 * instant of the server with the phone's own. Each answer that carries `server_time` is a reading;
 * the one with the shortest round trip wins until it is five minutes old.
 */
const READING_AGE_MS_MAX = 5 * 60_000;

export interface ServerClock {
  /** Milliseconds since 1970 on the server's clock. */
  now(): number;
  /** Takes a reading: the server said `serverTime` between our `sentAt` and `receivedAt` (own clock, ms). */
  observe(serverTime: string, sentAt: number, receivedAt: number): void;
}

export function createServerClock(own: () => number): ServerClock {
  let offset = 0;
  let error = Infinity;
  let takenAt = -Infinity;
  return {
    now: () => own() + offset,
    observe(serverTime, sentAt, receivedAt) {
      const told = Date.parse(serverTime);
      if (Number.isNaN(told) || receivedAt < sentAt) return;
      const roundTrip = receivedAt - sentAt;
      // A reading that says the clock has jumped beats an old one, however precise that was.
      const moved = Math.abs(told - (receivedAt + offset)) > roundTrip + 2000;
      if (roundTrip > error && receivedAt - takenAt < READING_AGE_MS_MAX && !moved) return;
      offset = told - (sentAt + receivedAt) / 2;
      error = roundTrip;
      takenAt = receivedAt;
    },
  };
}
