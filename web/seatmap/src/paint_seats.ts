/** What both ways of painting seats promise. */
import type { Plan } from './plan.ts';
import type { MapState } from './state.ts';
import type { Theme } from './theme.ts';

// Long enough to be noticed from the corner of the eye, short enough not to be waited for.
export const FADE_MS = 600;

export interface SeatPainter {
  /** Takes new states of some seats, or of all when `seats` is null. */
  update(state: MapState, seats: readonly number[] | null): void;
  paint(state: MapState, plan: Plan, theme: Theme, ratio: number, now: number): void;
  destroy(): void;
}
