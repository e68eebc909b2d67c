import { describe, expect, it } from 'vitest';

import { applyBatches, applySnapshot, setFilter, settleFading, toggleSeat } from './changes.ts';
import { smallHall } from './fixture.ts';
import { nearestFree } from './suggest.ts';
import type { Batch } from './types.ts';

const taken = (version: number, ...seats: number[]): Batch => ({ version, changes: [[2, seats]] });

describe('a change of availability', () => {
  it('moves the counts of section, area and category with every place', () => {
    const state = smallHall();
    applyBatches(state, [taken(11, 0, 4, 9)], 0);
    expect([...state.freeOfGroup]).toEqual([5, 2]);
    expect([...state.freeOfArea]).toEqual([2]);
    expect([...state.freeOfCategory]).toEqual([3, 4, 2]);
    applyBatches(state, [{ version: 12, changes: [[0, [0, 9]]] }], 0);
    expect([...state.freeOfCategory]).toEqual([4, 4, 3]);
    expect(state.version).toBe(12);
  });

  it('counts the same as a snapshot of the result', () => {
    const state = smallHall([1]);
    applyBatches(
      state,
      [
        taken(11, 0, 4, 9),
        {
          version: 12,
          changes: [
            [0, [1]],
            [1, [2, 7]],
          ],
        },
      ],
      0,
    );
    const told = { free: [...state.freeOfGroup], by: [...state.freeOfCategory] };
    applySnapshot(state, { version: 12, epoch: 'e1', states: state.states.slice() });
    expect({ free: [...state.freeOfGroup], by: [...state.freeOfCategory] }).toEqual(told);
  });

  it('may come twice without harm', () => {
    const state = smallHall();
    applyBatches(state, [taken(11, 0)], 0);
    expect(applyBatches(state, [taken(11, 0)], 0).changed).toEqual([]);
    expect(state.freeOfGroup[0]).toBe(6);
  });

  it('ignores places that the chart does not have', () => {
    const state = smallHall();
    expect(applyBatches(state, [taken(11, 400)], 0).changed).toEqual([]);
  });

  it('takes a chosen seat away and says which', () => {
    const state = smallHall();
    toggleSeat(state, 2, 8);
    expect(applyBatches(state, [taken(11, 2, 3)], 0)).toEqual({ changed: [2, 3], lost: [2] });
    expect(state.selected.size).toBe(0);
    expect(nearestFree(state, 2)).toBe(1);
  });

  it('leaves seats of the own hold chosen', () => {
    const state = smallHall();
    toggleSeat(state, 2, 8);
    state.own = new Set([2]);
    expect(applyBatches(state, [{ version: 11, changes: [[1, [2]]] }], 0).lost).toEqual([]);
  });

  it('fades for its time and then rests', () => {
    const state = smallHall();
    applyBatches(state, [taken(11, 2)], 1000);
    expect(settleFading(state, 1500, 600)).toBe(true);
    expect(settleFading(state, 1600, 600)).toBe(false);
  });
});

describe('choosing', () => {
  it('keeps to the limit, with what is chosen elsewhere', () => {
    const state = smallHall();
    expect(toggleSeat(state, 0, 2)).toMatchObject({ did: 'selected' });
    expect(toggleSeat(state, 1, 2)).toMatchObject({ did: 'selected' });
    expect(toggleSeat(state, 2, 2)).toMatchObject({ did: 'refused', why: 'too_many' });
    expect(toggleSeat(state, 0, 2)).toMatchObject({ did: 'deselected' });
    expect(toggleSeat(state, 2, 2, 1)).toMatchObject({ did: 'refused', why: 'too_many' });
  });

  it('refuses a seat that somebody has', () => {
    expect(toggleSeat(smallHall([3]), 3, 8)).toMatchObject({ did: 'refused', why: 'taken' });
  });

  it('takes a table whole, or not at all', () => {
    const state = smallHall();
    expect(toggleSeat(state, 7, 8)).toEqual({ did: 'selected', seats: [7, 8] });
    expect([...state.selected]).toEqual([7, 8]);
    expect(toggleSeat(state, 8, 8)).toEqual({ did: 'deselected', seats: [7, 8] });
    expect(toggleSeat(smallHall([8]), 7, 8)).toMatchObject({ did: 'refused', why: 'table_taken' });
    expect(toggleSeat(smallHall(), 7, 1)).toMatchObject({ did: 'refused', why: 'too_many' });
  });
});

describe('a filter', () => {
  it('counts what it lets through', () => {
    const state = smallHall([1]);
    setFilter(state, { categories: new Set([0]), accessible: false });
    expect([...state.shownOfGroup]).toEqual([3, 0]);
    setFilter(state, { categories: null, accessible: true });
    expect([...state.shownOfGroup]).toEqual([1, 0]);
    setFilter(state, { categories: null, accessible: false });
    expect([...state.shownOfGroup]).toEqual([...state.freeOfGroup]);
  });
});
