/** One buyer choosing places for one event: what is chosen, what is held, what went wrong. */
import {
  isUnknown,
  Problem,
  randomId,
  seatsAtOnceMax,
  sumMoney,
  type EventDetail,
  type Hold,
  type HoldWish,
  type Money,
} from '@seatwright/shared';
import {
  nearestFree,
  placeOf,
  seatId,
  seatOf,
  type Chart,
  type FeedStatus,
  type SeatMap,
  type Toggled,
} from '@seatwright/seatmap';

import { inWords } from '#lib/refusal.ts';
import { saleState, stateRefused, SHUT, type SaleState } from '#lib/saleState.ts';
import { api, clock } from '#lib/services.ts';
import { serverNow } from '#lib/ticker.svelte.ts';
import { forget, heldFor, holdKey, remember } from '#lib/tab.ts';
import { money, t } from '#lib/words.ts';

export interface Chosen {
  seat: number;
  label: string;
  category: string;
  color: string;
  price: Money;
}

export interface Notice {
  text: string;
  tone: 'warn' | 'bad' | 'good';
  action?: { label: string; run: () => void };
}

export class Booking {
  map = $state.raw<SeatMap | null>(null);
  status = $state<FeedStatus>('live');
  standing = $state.raw<{ area: number; quantity: number } | null>(null);
  hold = $state.raw<Hold | null>(null);
  busy = $state(false);
  notice = $state.raw<Notice | null>(null);
  /** Read it to be drawn again when a seat or the choice changes. */
  revision = $state(0);

  // What a refusal has told since the event was loaded.
  private told = $state.raw<SaleState | null>(null);
  private wanted: { id: string; mark: string; wish: HoldWish } | null = null;

  constructor(
    readonly event: EventDetail,
    readonly chart: Chart,
  ) {}

  readonly chosen: Chosen[] = $derived.by(() => {
    void this.revision;
    return [...(this.map?.state.selected ?? [])].map((seat) => this.describe(seat));
  });

  readonly count: number = $derived(this.chosen.length + (this.standing?.quantity ?? 0));

  readonly total: Money = $derived.by(() => {
    const prices = this.chosen.map((one) => one.price);
    const { standing } = this;
    if (standing) {
      const each = this.priceOf(this.chart.areas[standing.area]?.category ?? 0);
      prices.push({ ...each, amount: each.amount * standing.quantity });
    }
    if (prices.length > 0) prices.push(this.event.order_fee);
    return sumMoney(prices, this.event.currency);
  });

  /** Where the sale stands now, by what is free on the map. */
  readonly stand: SaleState = $derived.by(() => {
    void this.revision;
    const free = this.map?.state.freeOfCategory.reduce((sum, one) => sum + one, 0) ?? null;
    return this.told ?? saleState(this.event, serverNow(), free);
  });

  /** Nothing can be chosen: the map only shows the hall. */
  readonly shut: boolean = $derived(SHUT.has(this.stand));

  get most(): number {
    return seatsAtOnceMax(this.event);
  }

  priceOf(category: number): Money {
    const key = this.chart.categories[category]?.key;
    const found = this.event.categories.find((one) => one.key === key);
    return found?.price ?? { amount: 0, currency: this.event.currency };
  }

  describe(seat: number): Chosen {
    const category = this.chart.category[seat] ?? 0;
    const { name, color } = this.chart.categories[category] ?? { name: '', color: '#808080' };
    return { seat, label: this.label(seat), category: name, color, price: this.priceOf(category) };
  }

  label(seat: number): string {
    const { group, row, seat: label } = placeOf(this.chart, seat);
    return row.name
      ? t('seat.label', { section: group.name, row: row.name, seat: label })
      : t('seat.label_table', { table: group.name, seat: label });
  }

  /** What is to be known of a table that is sold whole, and what it costs; '' for every other group. */
  whole(index: number): string {
    const group = this.chart.groups[index];
    if (!group?.whole) return '';
    const seats = Array.from({ length: group.count }, (_, i) => this.describe(group.first + i));
    const prices = seats.map((one) => one.price);
    return t('seats.whole', { n: group.count, price: money(sumMoney(prices, this.event.currency)) });
  }

  changed(): void {
    this.revision++;
  }

  toggled(toggled: Toggled): void {
    if (toggled.did === 'selected') this.standing = null;
    this.notice = toggled.did === 'refused' ? { tone: 'warn', text: this.refusal(toggled.why) } : null;
  }

  private refusal(why: 'taken' | 'too_many' | 'table_taken' | 'shut'): string {
    if (why === 'shut') return t('refused.not_on_sale');
    if (why !== 'too_many') return t(`seats.${why}`);
    const buyer = this.most < this.event.seats_per_order_max;
    return t(buyer ? 'seats.too_many_buyer' : 'seats.too_many', { n: this.most });
  }

  /** Somebody was faster: says so, and offers what comes nearest. */
  lost(seats: readonly number[]): void {
    const [first] = seats;
    if (first === undefined || !this.map) return;
    const other = nearestFree(this.map.state, first);
    const text = t('seats.lost', { n: seats.length, seat: this.label(first) });
    this.notice =
      other === null
        ? { tone: 'warn', text }
        : {
            tone: 'warn',
            text,
            action: {
              label: t('seats.take_instead', { seat: this.label(other) }),
              run: () => {
                this.map?.toggle(other);
                this.map?.showSeats([other]);
              },
            },
          };
  }

  choosePlaces(area: number, quantity: number): void {
    this.map?.clear();
    this.standing = quantity > 0 ? { area, quantity } : null;
    this.notice = null;
  }

  /** Holds what is chosen; answers the hold, or null when it was refused and said so. */
  async holdChosen(): Promise<Hold | null> {
    const { standing } = this;
    const area = standing ? this.chart.areas[standing.area] : undefined;
    return this.ask(
      standing && area
        ? { areas: [{ area: area.key, quantity: standing.quantity }] }
        : { seats: this.chosen.map((one) => seatId(this.chart, one.seat)) },
    );
  }

  /** Lets the server choose, then shows on the map what it chose. */
  async holdBest(quantity: number, category: string, accessible: boolean): Promise<void> {
    this.map?.clear();
    this.standing = null;
    const hold = await this.ask({
      best_available: { quantity, ...(category ? { category } : {}), ...(accessible ? { accessible } : {}) },
    });
    if (hold) this.show(hold);
  }

  private async ask(wish: HoldWish): Promise<Hold | null> {
    this.busy = true;
    this.notice = null;
    try {
      const hold = await api.makeHold(this.event.id, this.holdIdFor(wish), wish);
      this.wanted = null;
      remember(holdKey(this.event.id), hold);
      return hold;
    } catch (error) {
      // Without an answer the seats may be held all the same: the same id asks for the same hold again.
      if (!isUnknown(error)) this.wanted = null;
      this.refused(error);
      return null;
    } finally {
      this.busy = false;
    }
  }

  private holdIdFor(wish: HoldWish): string {
    const mark = JSON.stringify(wish);
    if (this.wanted?.mark === mark) return this.wanted.id;
    if (this.wanted) void this.letGo(this.wanted);
    this.wanted = { id: randomId(), mark, wish };
    return this.wanted.id;
  }

  // Another choice after an unanswered one: asked again the first says whether it stands, and goes.
  private async letGo(unanswered: { id: string; wish: HoldWish }): Promise<void> {
    try {
      await api.releaseHold((await api.makeHold(this.event.id, unanswered.id, unanswered.wish)).id);
    } catch {
      // Then it was never made, or it runs out by itself.
    }
  }

  private refused(error: unknown): void {
    const taken = error instanceof Problem && error.code === 'seats_taken' ? error.seats : [];
    if (error instanceof Problem) this.told = stateRefused(error.code) ?? this.told;
    const seats = taken.map((id) => seatOf(this.chart, id)).filter((seat) => seat !== null);
    for (const seat of seats) if (this.map?.state.selected.has(seat)) this.map.toggle(seat);
    if (seats.length > 0) this.lost(seats);
    else this.notice = { tone: 'bad', text: inWords(error) };
  }

  show(hold: Hold): void {
    this.hold = hold;
    const seats = hold.seats
      .map((one) => one.seat ?? seatOf(this.chart, one.id))
      .filter((seat): seat is number => seat !== null && seat < this.chart.seatCount);
    this.map?.own(seats);
    this.map?.select(seats.filter((seat) => !this.map?.state.selected.has(seat)));
    this.map?.showSeats(seats);
  }

  /** Takes up a hold of this tab, if there is one that still stands. */
  async resume(): Promise<void> {
    const kept = heldFor(this.event.id);
    if (!kept || Date.parse(kept.expires_at) <= clock.now()) return;
    try {
      const hold = await api.hold(kept.id);
      this.show({ ...kept, ...hold });
    } catch {
      // Ended or sold meanwhile: nothing to take up.
      forget(holdKey(this.event.id));
    }
  }

  /** Gives the held seats back, and keeps them chosen as long as nobody else takes them. */
  async release(): Promise<void> {
    const { hold } = this;
    if (!hold) return;
    this.hold = null;
    forget(holdKey(this.event.id));
    await api.releaseHold(hold.id).catch(() => undefined);
  }

  expired(): void {
    this.hold = null;
    forget(holdKey(this.event.id));
    this.map?.own([]);
    this.map?.clear();
    this.notice = { tone: 'warn', text: t('hold.expired') };
  }
}
