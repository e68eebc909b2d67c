/** What is meant by a point of the picture: a seat once seats can be told apart, else what it lies in. */
import { toChart } from './camera.ts';
import { areaAt, groupAt, type SeatGrid } from './pick.ts';
import { seatPixels } from './plan.ts';
import type { MapState } from './state.ts';

// From here on a seat can be aimed at: with a mouse at once, with a finger only when it is wider.
const TAP_SEAT_PX = 7;
const TAP_SEAT_PX_COARSE = 13;
const FINGER_PX = 22;
const MOUSE_PX = 6;

export type Aim = { at: 'seat' | 'group' | 'area'; index: number } | null;

/** `coarse` for a finger. Sections are aimed at only while their seats are too small for fingers. */
export function aimedAt(state: MapState, grid: SeatGrid, x: number, y: number, coarse: boolean): Aim {
  const { chart, camera, size } = state;
  const point = toChart(camera, size, x, y);
  const seatPx = seatPixels(state);
  if (seatPx >= (coarse ? TAP_SEAT_PX_COARSE : TAP_SEAT_PX)) {
    const reach = Math.max(chart.pitch * 0.6, (coarse ? FINGER_PX : MOUSE_PX) / camera.scale);
    const seat = grid.near(point.x, point.y, reach);
    if (seat >= 0) return { at: 'seat', index: seat };
  }
  const group = groupAt(chart, point.x, point.y);
  if (group >= 0 && seatPx < TAP_SEAT_PX_COARSE) return { at: 'group', index: group };
  const area = areaAt(chart, point.x, point.y);
  return area >= 0 ? { at: 'area', index: area } : null;
}

/** Whether a mouse at this point is over something that can be chosen. */
export function isOver(state: MapState, grid: SeatGrid, x: number, y: number): boolean {
  const { chart } = state;
  const point = toChart(state.camera, state.size, x, y);
  const over = seatsAreSeen(state)
    ? grid.near(point.x, point.y, chart.pitch * 0.6) >= 0
    : groupAt(chart, point.x, point.y) >= 0;
  return over || areaAt(chart, point.x, point.y) >= 0;
}

/** The section in the middle of the picture, -1 while seats cannot be told apart. */
export function groupLookedAt(state: MapState): number {
  return seatsAreSeen(state) ? groupAt(state.chart, state.camera.x, state.camera.y) : -1;
}

function seatsAreSeen(state: MapState): boolean {
  return seatPixels(state) >= TAP_SEAT_PX;
}
