/** Which seat, section or area is meant by a point; and which is the next one in a direction. */
import type { MapState } from './state.ts';
import type { Chart, Point } from './types.ts';

const EMPTY = new Int32Array(0);

/** Seats sorted into square cells, so that a tap looks at a handful and not at 70,000. */
export interface SeatGrid {
  near(x: number, y: number, radius: number): number;
}

export function createGrid(chart: Chart): SeatGrid {
  const cell = chart.pitch * 4;
  const columns = Math.max(1, Math.ceil((chart.box.right - chart.box.left) / cell) + 1);
  const rows = Math.max(1, Math.ceil((chart.box.bottom - chart.box.top) / cell) + 1);
  const clamp = (value: number, most: number): number => Math.max(0, Math.min(most - 1, Math.floor(value)));
  const column = (x: number): number => clamp((x - chart.box.left) / cell, columns);
  const line = (y: number): number => clamp((y - chart.box.top) / cell, rows);
  const cells = new Map<number, number[]>();
  for (let seat = 0; seat < chart.seatCount; seat++) {
    const key = line(chart.y[seat] ?? 0) * columns + column(chart.x[seat] ?? 0);
    const list = cells.get(key);
    if (list) list.push(seat);
    else cells.set(key, [seat]);
  }
  return {
    near(x, y, radius) {
      let best = -1;
      let least = radius;
      for (let r = line(y - radius); r <= line(y + radius); r++) {
        for (let c = column(x - radius); c <= column(x + radius); c++) {
          for (const seat of cells.get(r * columns + c) ?? EMPTY) {
            const distance = Math.hypot((chart.x[seat] ?? 0) - x, (chart.y[seat] ?? 0) - y);
            if (distance < least) {
              least = distance;
              best = seat;
            }
          }
        }
      }
      return best;
    },
  };
}

export function inside(outline: readonly Point[], x: number, y: number): boolean {
  let odd = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [ax, ay] = outline[i] as Point;
    const [bx, by] = outline[j] as Point;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

export function groupAt(chart: Chart, x: number, y: number): number {
  return chart.groups.findIndex((group) => {
    const { box } = group;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return false;
    return group.kind === 'table' || inside(group.outline, x, y);
  });
}

export function areaAt(chart: Chart, x: number, y: number): number {
  return chart.areas.findIndex((area) => inside(area.outline, x, y));
}

export type Direction = 'left' | 'right' | 'up' | 'down';
const STEPS: Record<Direction, Point> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** The nearest of `points` in a direction: what lies straight ahead beats what lies aside. */
export function nextInDirection(
  from: { x: number; y: number },
  points: Iterable<{ key: number; x: number; y: number }>,
  direction: Direction,
): number | null {
  const [dx, dy] = STEPS[direction];
  let best: number | null = null;
  let least = Infinity;
  for (const point of points) {
    const ahead = (point.x - from.x) * dx + (point.y - from.y) * dy;
    const aside = Math.abs((point.x - from.x) * dy - (point.y - from.y) * dx);
    if (ahead <= 0.5) continue;
    const cost = ahead + aside * 2.5;
    if (cost < least) {
      least = cost;
      best = point.key;
    }
  }
  return best;
}

export function* groupPoints(state: MapState): Generator<{ key: number; x: number; y: number }> {
  for (const [key, group] of state.chart.groups.entries()) yield { key, ...group.centre };
}

export function* seatPoints(
  state: MapState,
  group: number,
): Generator<{ key: number; x: number; y: number }> {
  const { chart } = state;
  const one = chart.groups[group];
  if (!one) return;
  for (let key = one.first; key < one.first + one.count; key++) {
    yield { key, x: chart.x[key] ?? 0, y: chart.y[key] ?? 0 };
  }
}
