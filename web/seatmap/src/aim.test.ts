import { describe, expect, it } from 'vitest';

import { aimedAt, groupLookedAt, isOver } from './aim.ts';
import { overGroup, overview, toPicture } from './camera.ts';
import { smallHall } from './fixture.ts';
import { createGrid } from './pick.ts';
import type { Group } from './types.ts';

const hall = smallHall();
const grid = createGrid(hall.chart);

/** A hall whose seats are `px` pixels wide, and where a point of the chart is in its picture. */
function seen(px: number, x: number, y: number): [typeof hall, number, number] {
  const scale = px / (hall.chart.pitch * 0.84);
  const state = { ...hall, camera: { x: 300, y: 250, scale } };
  const at = toPicture(state.camera, state.size, x, y);
  return [state, at.x, at.y];
}

const aimed = (px: number, x: number, y: number, coarse: boolean): unknown => {
  const [state, left, top] = seen(px, x, y);
  return aimedAt(state, grid, left, top, coarse);
};

describe('what is aimed at', () => {
  it('is a seat for a mouse before it is one for a finger', () => {
    expect(aimed(10, 100, 100, false)).toEqual({ at: 'seat', index: 0 });
    expect(aimed(10, 100, 100, true)).toEqual({ at: 'group', index: 0 });
    expect(aimed(14, 100, 100, true)).toEqual({ at: 'seat', index: 0 });
  });

  it('is a section while its seats are too small, and nothing between large ones', () => {
    expect(aimed(4, 100, 100, false)).toEqual({ at: 'group', index: 0 });
    expect(aimed(40, 420, 70, true)).toBeNull();
  });

  it('is a standing area at any size', () => {
    for (const px of [4, 40]) expect(aimed(px, 500, 600, true)).toEqual({ at: 'area', index: 0 });
  });

  it('is what a mouse points at', () => {
    const over = (px: number, x: number, y: number): boolean => {
      const [state, left, top] = seen(px, x, y);
      return isOver(state, grid, left, top);
    };
    expect([over(4, 420, 70), over(40, 420, 70), over(40, 100, 100)]).toEqual([true, false, true]);
    expect([over(40, 500, 600), over(40, 960, 400)]).toEqual([true, false]);
  });
});

describe('coming closer to a section', () => {
  it('shows all of it, at least as large as it can be tapped', () => {
    const { chart, size } = hall;
    const section = chart.groups[0] as Group;
    const camera = overGroup(section, chart, size);
    expect(camera.scale).toBeGreaterThan(overview(chart, size).scale);
    expect(overGroup(section, chart, { width: 40, height: 40 }).scale).toBe(9 / chart.pitch);
    expect(groupLookedAt({ ...hall, camera })).toBe(0);
    expect(groupLookedAt({ ...hall, camera: overview(chart, { width: 40, height: 40 }) })).toBe(-1);
  });
});
