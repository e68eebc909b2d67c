/** Every way the map's state can change, each a plain function of the state and what happened. */
import { placeOf } from './places.ts';
import { countShown, takeSnapshot, tally, type MapState } from './state.ts';
import { FREE, type Batch, type Filter, type Snapshot } from './types.ts';

/** What came of a change of availability. */
export interface Applied {
  /** Places whose state is another now. */
  changed: number[];
  /** Chosen seats that somebody else has got. */
  lost: number[];
}

export function applyBatches(state: MapState, batches: readonly Batch[], now: number): Applied {
  const before = new Map<number, number>();
  for (const batch of batches) {
    for (const [next, places] of batch.changes) {
      for (const place of places) {
        const old = state.states[place];
        if (old === undefined || old === next) continue;
        if (!before.has(place)) before.set(place, old);
        state.states[place] = next;
        if (old === FREE) tally(state, place, -1);
        if (next === FREE) tally(state, place, 1);
      }
    }
    state.version = Math.max(state.version, batch.version);
  }
  const changed: number[] = [];
  for (const [place, from] of before) {
    if (state.states[place] === from) continue;
    changed.push(place);
    if (place < state.chart.seatCount) state.fading.set(place, { from, since: now });
  }
  countShown(state);
  return { changed, lost: dropLost(state) };
}

export function applySnapshot(state: MapState, snapshot: Snapshot): Applied {
  const old = state.states;
  takeSnapshot(state, snapshot);
  const changed: number[] = [];
  for (let place = 0; place < old.length; place++)
    if (old[place] !== state.states[place]) changed.push(place);
  return { changed, lost: dropLost(state) };
}

function dropLost(state: MapState): number[] {
  const lost = [...state.selected].filter((seat) => !isChoosable(state, seat));
  for (const seat of lost) state.selected.delete(seat);
  return lost;
}

/** Free, or held by nobody but this buyer. */
export function isChoosable(state: MapState, seat: number): boolean {
  return state.states[seat] === FREE || state.own.has(seat);
}

export type Toggled =
  | { did: 'selected' | 'deselected'; seats: number[] }
  | { did: 'refused'; why: 'taken' | 'too_many' | 'table_taken' | 'shut'; seats: number[] };

/**
 * Chooses a seat, or lets it go. A table sold whole goes as one.
 * `most` is how many places one order may have, `others` how many are chosen elsewhere (standing).
 */
export function toggleSeat(state: MapState, seat: number, most: number, others = 0): Toggled {
  const { group } = placeOf(state.chart, seat);
  const seats = group.whole ? Array.from({ length: group.count }, (_, i) => group.first + i) : [seat];
  if (seats.every((one) => state.selected.has(one))) {
    for (const one of seats) state.selected.delete(one);
    return { did: 'deselected', seats };
  }
  if (!seats.every((one) => isChoosable(state, one))) {
    return { did: 'refused', why: group.whole ? 'table_taken' : 'taken', seats };
  }
  const added = seats.filter((one) => !state.selected.has(one));
  if (state.selected.size + added.length + others > most) return { did: 'refused', why: 'too_many', seats };
  for (const one of added) state.selected.add(one);
  return { did: 'selected', seats };
}

export function clearSelection(state: MapState): void {
  state.selected.clear();
}

export function setOwn(state: MapState, seats: Iterable<number>): void {
  state.own = new Set(seats);
}

export function setFilter(state: MapState, filter: Filter): void {
  state.filter = filter;
  countShown(state);
}

/** Forgets looks that have finished changing; answers whether any is still under way. */
export function settleFading(state: MapState, now: number, lengthMs: number): boolean {
  for (const [seat, { since }] of state.fading) if (now - since >= lengthMs) state.fading.delete(seat);
  return state.fading.size > 0;
}
