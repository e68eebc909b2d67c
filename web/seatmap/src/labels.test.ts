import { describe, expect, it } from 'vitest';

import { decodeChart } from './decode.ts';
import { overview } from './camera.ts';
import { FILE, smallHall } from './fixture.ts';
import { LINE_HEIGHT, type Label, type MapWords } from './labels.ts';
import { plan, seatPixels } from './plan.ts';
import { createState, type MapState } from './state.ts';
import type { Theme } from './theme.ts';
import type { ChartFile, Point } from './types.ts';

const words: MapWords = { price: () => '€150.12', left: (n) => `${n} left`, soldOut: 'Sold out' };
const paper: Theme['paper'] = [255, 255, 255];
const theme: Theme = {
  ground: paper,
  object: paper,
  section: paper,
  gone: paper,
  ink: [0, 0, 0],
  halo: '',
  accent: [80, 40, 200],
  accentInk: paper,
  paper,
  font: 'sans-serif',
};
const ROWS = 20;
const SEATS = 12;
const PITCH = 50;

/** `count` narrow blocks side by side, as a stadium has them, looked at on a phone. */
function stand(count: number): MapState {
  const width = SEATS * PITCH;
  const high = ROWS * PITCH;
  const block = (n: number): ChartFile['sections'][number] => {
    const left = n * (width + 40);
    const outline: Point[] = [
      [left, 1000],
      [left + width, 1000],
      [left + width, 1000 + high],
      [left, 1000 + high],
    ];
    const rows = Array.from({ length: ROWS }, (_, row) => ({
      name: String(row + 1),
      count: SEATS,
      from: 1,
      step: 1,
    }));
    return {
      key: `M${String(n + 1).padStart(2, '0')}`,
      name: `Block M${n + 1}`,
      level: '',
      entrance: '',
      outline,
      rows,
    };
  };
  const sections = Array.from({ length: count }, (_, n) => block(n));
  const at = sections.flatMap(({ outline }) =>
    Array.from({ length: ROWS * SEATS }, (_, seat) => [
      (outline[0] as Point)[0] + 25 + (seat % SEATS) * PITCH,
      1025 + Math.floor(seat / SEATS) * PITCH,
    ]),
  );
  const delta = (axis: 0 | 1): number[] =>
    at.map((point, n) => (point[axis] as number) - (n === 0 ? 0 : ((at[n - 1] as number[])[axis] as number)));
  const chart = decodeChart({
    ...FILE,
    seat_count: at.length,
    bounds: { x: 0, y: 0, width: count * (width + 40), height: 1000 + high },
    focus: { x: (count * (width + 40)) / 2, y: 0 },
    sections,
    tables: [],
    areas: [],
    seats: { x: delta(0), y: delta(1), category: [0, at.length], flags: [] },
  });
  const state = createState(chart, { version: 1, epoch: 'e', states: new Uint8Array(chart.placeCount) });
  state.size = { width: 390, height: 480 };
  state.camera = overview(chart, state.size);
  return state;
}

const width = (label: Label): number =>
  label.plate?.width ?? Math.max(...label.lines.map((line) => line.text.length * line.px * 0.6));
const height = (label: Label): number =>
  label.plate?.height ?? label.lines.reduce((sum, line) => sum + line.px * LINE_HEIGHT, 0);

function collisions(labels: readonly Label[]): string[] {
  return labels.flatMap((a, n) =>
    labels
      .slice(n + 1)
      .filter(
        (b) =>
          Math.abs(a.x - b.x) < (width(a) + width(b)) / 2 &&
          Math.abs(a.y - b.y) < (height(a) + height(b)) / 2,
      )
      .map((b) => `${a.lines[0]?.text} over ${b.lines[0]?.text}`),
  );
}

describe('names on the map', () => {
  it('are readable at the first view, and where there is no room for all, some stand', () => {
    for (const count of [6, 14, 18]) {
      const state = stand(count);
      const { labels } = plan(state, words, theme);
      expect(collisions(labels), `${count} blocks`).toEqual([]);
      expect(labels.length, `${count} blocks`).toBeGreaterThanOrEqual(Math.min(count, 6));
      for (const label of labels) expect(label.lines[0]?.px).toBeGreaterThanOrEqual(10);
    }
  });

  it('leave no hole in a row: all have one, or every second, or every third, and all say as much', () => {
    for (let count = 4; count <= 40; count++) {
      const { labels } = plan(stand(count), words, theme);
      const shown = labels.map((label) => Number(/\d+/.exec(label.lines[0]?.text ?? '')?.[0]));
      const step = (shown[1] ?? 2) - (shown[0] ?? 1);
      expect(shown, `${count} blocks`).toEqual(shown.map((_, n) => 1 + n * step));
      if (shown.length > 0) expect(shown.length, `${count} blocks`).toBe(Math.ceil(count / step));
      expect(new Set(labels.map((label) => label.lines.length)).size, `${count} blocks`).toBeLessThan(2);
    }
    // Of fourteen on a phone all have their name: none is left out at random.
    expect(plan(stand(14), words, theme).labels).toHaveLength(14);
  });

  it('read upwards in a standing area that is too narrow for anything else', () => {
    const state = smallHall();
    const [area] = state.chart.areas;
    if (!area) throw new Error('the hall has a floor');
    area.outline = [
      [100, 0],
      [160, 0],
      [160, 700],
      [100, 700],
    ];
    area.centre = { x: 130, y: 350 };
    state.camera = { x: 130, y: 350, scale: 0.4 };
    const label = plan(state, words, theme).labels.find((one) => one.lines[0]?.text === 'Floor');
    expect(label).toMatchObject({ turned: true });
  });

  it('do not come and go while one moves sideways', () => {
    const state = stand(18);
    const shown = (): string[] => plan(state, words, theme).labels.map((label) => label.lines[0]?.text ?? '');
    const before = shown();
    state.camera = { ...state.camera, x: state.camera.x + 1500 };
    const after = shown();
    expect(after.length).toBeGreaterThan(2);
    expect(after.length).toBeLessThan(before.length);
    expect(before.slice(-after.length)).toEqual(after);
  });

  it('stay when the seats are seen, in the picture and not over one another', () => {
    const state = stand(14);
    for (const scale of [0.12, 0.16, 0.24, 0.4]) {
      state.camera = { ...state.camera, scale };
      const picture = plan(state, words, theme);
      expect(picture.seatAlpha).toBeGreaterThan(0.6);
      const names = picture.labels.filter((label) => label.plate);
      expect(names.length, `scale ${scale}`).toBeGreaterThan(0);
      expect(collisions(names)).toEqual([]);
      for (const { x, y } of names) {
        expect(x > 0 && x < 390, `${x}`).toBe(true);
        expect(y > 0 && y < 480, `${y}`).toBe(true);
      }
    }
  });

  it('stand behind the last row once seats are chosen one by one', () => {
    const state = stand(3);
    state.camera = { x: 300, y: 2000, scale: 0.3 };
    expect(seatPixels(state)).toBeGreaterThan(9);
    const name = plan(state, words, theme).labels.find((label) => label.lines[0]?.text === 'Block M1');
    // The block's last row ends at 2000 cm, which is the middle of this picture.
    expect((name?.y ?? 0) - (name?.plate?.height ?? 0) / 2).toBeGreaterThan(240);
  });
});
