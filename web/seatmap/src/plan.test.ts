import { describe, expect, it } from 'vitest';

import { overview, scaleBounds } from './camera.ts';
import { smallHall } from './fixture.ts';
import { createGrid, groupAt, areaAt, nextInDirection, seatPoints } from './pick.ts';
import type { MapWords } from './labels.ts';
import { plan } from './plan.ts';
import { inkOn, luminance, parseColour, type Theme } from './theme.ts';

const words: MapWords = { price: () => '€10', left: (n) => `${n} left`, soldOut: 'Sold out' };
const theme: Theme = {
  ground: [255, 255, 255],
  object: [200, 200, 200],
  section: [230, 230, 230],
  gone: [180, 180, 180],
  ink: [0, 0, 0],
  halo: '',
  accent: [80, 40, 200],
  accentInk: [255, 255, 255],
  paper: [255, 255, 255],
  font: 'sans-serif',
};

describe('the plan of a picture', () => {
  it('shows sections from afar and seats with their numbers close by', () => {
    const state = smallHall();
    state.camera = { ...overview(state.chart, state.size), scale: 0.03 };
    expect(plan(state, words, theme)).toMatchObject({ seatAlpha: 0, runs: [], showSeatNumbers: false });
    state.camera = { x: 200, y: 150, scale: scaleBounds(state.chart, state.size).most };
    expect(plan(state, words, theme)).toMatchObject({
      seatAlpha: 1,
      showSeatNumbers: true,
      showRowNames: true,
    });
  });

  it('leaves out what is not in view', () => {
    const state = smallHall();
    state.camera = { x: 150, y: 150, scale: 1 };
    expect(plan(state, words, theme).runs).toEqual([[0, 7]]);
    state.camera = { x: 450, y: 150, scale: 0.6 };
    expect(plan(state, words, theme).runs).toEqual([[0, 9]]);
  });

  it('says in words when something is gone', () => {
    const state = smallHall([9, 10, 11]);
    state.camera = overview(state.chart, state.size);
    const lines = plan(state, words, theme).labels.flatMap((label) => label.lines.map((line) => line.text));
    expect(lines).toContain('Floor');
    expect(lines).toContain('Sold out');
  });
});

describe('colours', () => {
  it('writes in the ink that reads better', () => {
    for (const ground of [
      [0, 0, 0],
      [255, 255, 255],
      [204, 187, 68],
      [68, 119, 170],
      [170, 51, 119],
    ] as const) {
      const [a, b] = [luminance(ground), luminance(inkOn(ground))].sort((x, y) => y - x) as [number, number];
      expect((a + 0.05) / (b + 0.05)).toBeGreaterThanOrEqual(4.4);
    }
  });

  it('survives a colour that is none', () => {
    expect(parseColour('rebeccapurple')).toEqual([128, 128, 128]);
    expect(parseColour('#fff')).toEqual([255, 255, 255]);
  });
});

describe('picking', () => {
  const state = smallHall();

  it('finds the nearest seat within reach, and none beyond', () => {
    const grid = createGrid(state.chart);
    expect(grid.near(152, 104, 30)).toBe(1);
    expect(grid.near(152, 150, 30)).toBe(-1);
    expect(grid.near(-5000, -5000, 30)).toBe(-1);
  });

  it('knows sections and areas by their outline', () => {
    expect(groupAt(state.chart, 60, 60)).toBe(0);
    expect(groupAt(state.chart, 750, 150)).toBe(1);
    expect(areaAt(state.chart, 500, 600)).toBe(0);
    expect(areaAt(state.chart, 20, 20)).toBe(-1);
  });

  it('goes to the seat that lies straight ahead', () => {
    const from = { x: 150, y: 100 };
    expect(nextInDirection(from, seatPoints(state, 0), 'right')).toBe(2);
    expect(nextInDirection(from, seatPoints(state, 0), 'down')).toBe(5);
    expect(nextInDirection(from, seatPoints(state, 0), 'up')).toBeNull();
  });
});
