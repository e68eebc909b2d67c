/** The development fixture's memory: availability, holds and orders of one event. Not part of the product. */
import { randomBytes } from 'node:crypto';

export const FREE = 0;
export const HELD = 1;
export const SOLD = 2;

const HOLD_MS = Number(process.env.HOLD_MS ?? 8 * 60_000);
const EPOCH = randomBytes(4).toString('hex');
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ3789';

export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} detail @param {object} more */
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.body = { type: `/problems/${code}`, title: detail, status, detail, code, ...more };
  }
}

export class Box {
  /** @param {any} event @param {any} chart @param {number} filled share sold at the start @param {(message: object) => void} publish */
  constructor(event, chart, filled, publish) {
    this.event = event;
    this.chart = chart;
    this.publish = publish;
    this.version = 1;
    this.log = [];
    this.holds = new Map();
    this.states = new Uint8Array(chart.places.length);
    this.byId = new Map(chart.places.map((place, index) => [place.id, index]));
    this.prices = new Map(event.categories.map((category) => [category.key, category]));
    const random = seeded(event.id);
    for (let at = 0; at < this.states.length;) {
      const run = 1 + Math.floor(random() * 9);
      const place = chart.places[at];
      const share = place.area
        ? filled
        : Math.min(1, filled * (0.5 + seeded(place.id.split(':')[0])() * 1.1));
      const state = random() < share ? (random() < 0.04 ? HELD : SOLD) : FREE;
      this.states.fill(state, at, at + run);
      at += run;
    }
  }

  /** @param {number[]} seats @param {number} state */
  change(seats, state) {
    const from = this.version++;
    for (const seat of seats) this.states[seat] = state;
    this.log.push([this.version, state, seats]);
    if (this.log.length > 500) this.log.shift();
    this.publish({ e: EPOCH, f: from, v: this.version, c: [[state, seats]] });
  }

  snapshot() {
    const bits = Buffer.alloc(Math.ceil(this.states.length / 4));
    this.states.forEach((state, i) => (bits[i >> 2] |= state << (6 - 2 * (i & 3))));
    const head = Buffer.alloc(32);
    head.write('SWAV', 0, 'ascii');
    head[4] = 1;
    head.writeBigUInt64BE(BigInt(this.version), 8);
    head.writeUInt32BE(this.states.length, 16);
    head.write(EPOCH, 24, 'ascii');
    return { binary: Buffer.concat([head, bits]), bits };
  }

  /** @param {number} since */
  changes(since) {
    const oldest = this.log[0]?.[0] ?? this.version + 1;
    if (since < oldest - 1 && since !== this.version) {
      return { version: this.version, epoch: EPOCH, changes: [], resync: true };
    }
    return {
      version: this.version,
      epoch: EPOCH,
      changes: this.log.filter(([v]) => v > since),
      resync: false,
    };
  }

  get free() {
    return this.states.reduce((sum, state) => sum + (state === FREE ? 1 : 0), 0);
  }

  /** @param {any} wish */
  hold(wish) {
    const known = this.holds.get(wish.hold_id);
    if (known) return this.present(known);
    const seats = this.choose(wish);
    const taken = seats.filter((seat) => this.states[seat] !== FREE);
    if (taken.length) {
      throw new Refusal(409, 'seats_taken', 'Some of the seats are no longer available', {
        seats: taken.map((seat) => this.chart.places[seat].id),
      });
    }
    const hold = {
      id: wish.hold_id ?? randomBytes(12).toString('hex'),
      seats,
      until: Date.now() + HOLD_MS,
      extended: false,
    };
    this.holds.set(hold.id, hold);
    this.change(seats, HELD);
    return this.present(hold);
  }

  /** @param {any} wish @returns {number[]} */
  choose(wish) {
    const free = (/** @type {number} */ i) => this.states[i] === FREE;
    if (wish.seats) {
      return wish.seats.map((/** @type {string} */ id) => {
        const seat = this.byId.get(id);
        if (seat === undefined)
          throw new Refusal(422, 'invalid', 'No such seat', {
            errors: [{ pointer: '/seats', code: 'unknown' }],
          });
        return seat;
      });
    }
    if (wish.areas) {
      return wish.areas.flatMap((/** @type {any} */ area) => {
        const found = [];
        for (let i = 0; i < this.states.length && found.length < area.quantity; i++) {
          if (this.chart.places[i].area === area.area && free(i)) found.push(i);
        }
        if (found.length < area.quantity)
          throw new Refusal(409, 'sold_out', 'Not that many places are left here');
        return found;
      });
    }
    const { quantity, category } = wish.best_available;
    for (let i = 0; i + quantity <= this.states.length; i++) {
      const run = Array.from({ length: quantity }, (_, n) => i + n);
      const row = (/** @type {number} */ n) => this.chart.places[n].id.replace(/[^:]*$/, '');
      if (
        run.every(
          (n) => free(n) && row(n) === row(i) && (!category || this.chart.places[n].category === category),
        )
      )
        return run;
    }
    throw new Refusal(409, 'none_together', 'There are not that many seats together');
  }

  /** @param {string} id */
  find(id) {
    const hold = this.holds.get(id);
    if (!hold || (hold.until < Date.now() && !hold.order))
      throw new Refusal(404, 'not_found', 'The hold has ended');
    return hold;
  }

  /** @param {any} hold */
  release(hold) {
    this.holds.delete(hold.id);
    if (!hold.order) this.change(hold.seats, FREE);
  }

  /** @param {any} hold */
  extend(hold) {
    if (hold.extended) throw new Refusal(409, 'already_extended', 'A hold can be extended once');
    hold.extended = true;
    hold.until += 5 * 60_000;
    return this.present(hold);
  }

  /** @param {any} hold */
  present(hold) {
    const seats = hold.seats.map((/** @type {number} */ seat) => {
      const place = this.chart.places[seat];
      return {
        id: place.id,
        seat,
        label: place.label,
        category: place.category,
        price: this.prices.get(place.category).price,
      };
    });
    const amount = seats.reduce(
      (/** @type {number} */ sum, /** @type {any} */ seat) => sum + seat.price.amount,
      0,
    );
    return {
      id: hold.id,
      event_id: this.event.id,
      seats,
      total: { amount: amount + this.event.order_fee.amount, currency: this.event.currency },
      expires_at: new Date(hold.until).toISOString(),
      extended: hold.extended,
      server_time: new Date().toISOString(),
      hold_token: `t.${this.event.id}.${hold.id}`,
    };
  }

  expire() {
    for (const hold of this.holds.values()) if (!hold.order && hold.until < Date.now()) this.release(hold);
  }
}

export function orderCode() {
  return Array.from(
    randomBytes(9),
    (byte, i) => (i && i % 3 === 0 ? '-' : '') + LETTERS[byte % LETTERS.length],
  ).join('');
}

/** A small repeatable generator (mulberry32), so that screenshots stay the same. @param {string} text */
export function seeded(text) {
  let a = 0;
  for (const letter of text) a = Math.imul(a ^ letter.charCodeAt(0), 0x9e3779b1);
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
