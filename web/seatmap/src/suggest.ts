/** What to offer to somebody who has just lost a seat. */
import { isChoosable } from './changes.ts';
import type { MapState } from './state.ts';

/** The nearest free seat of the same category, or null; not one that is chosen already. */
export function nearestFree(state: MapState, seat: number): number | null {
  const { chart } = state;
  const category = chart.category[seat];
  const x = chart.x[seat] ?? 0;
  const y = chart.y[seat] ?? 0;
  let best: number | null = null;
  let least = Infinity;
  for (let other = 0; other < chart.seatCount; other++) {
    if (other === seat || chart.category[other] !== category) continue;
    const distance = ((chart.x[other] ?? 0) - x) ** 2 + ((chart.y[other] ?? 0) - y) ** 2;
    if (distance >= least || !isChoosable(state, other) || state.selected.has(other)) continue;
    least = distance;
    best = other;
  }
  return best;
}
