/** A hall small enough to count by hand: one section of two rows, a table sold whole, a standing area. Tests only. */
import { decodeChart } from './decode.ts';
import { createState, type MapState } from './state.ts';
import type { ChartFile } from './types.ts';

// Dense: 0–3 row A, 4–6 row B (own labels), 7–8 table, 9–11 standing.
export const FILE: ChartFile = {
  format: 'seatwright-chart/1',
  name: 'Small hall',
  seat_count: 12,
  bounds: { x: 0, y: 0, width: 1000, height: 800 },
  focus: { x: 500, y: 0 },
  categories: [
    { key: 'a', name: 'Near', color: '#4477AA' },
    { key: 'b', name: 'Far', color: '#CCBB44' },
    { key: 's', name: 'Standing', color: '#AA3377' },
  ],
  sections: [
    {
      key: 'P',
      name: 'Parkett',
      level: 'Ground',
      entrance: 'Door 1',
      outline: [
        [50, 50],
        [450, 50],
        [450, 250],
        [50, 250],
      ],
      rows: [
        { name: 'A', count: 4, from: 2, step: 2 },
        { name: 'B', count: 3, labels: ['1', '2a', '3'] },
      ],
    },
  ],
  tables: [{ key: 'T1', name: 'Table 1', x: 700, y: 150, radius: 40, whole: true, count: 2 }],
  seats: {
    x: [100, 50, 50, 50, -150, 50, 50, 510, 80],
    y: [100, 0, 0, 0, 100, 0, 0, -50, 0],
    category: [0, 4, 1, 5],
    flags: [[0, 1]],
  },
  areas: [
    {
      key: 'floor',
      name: 'Floor',
      outline: [
        [100, 500],
        [900, 500],
        [900, 750],
        [100, 750],
      ],
      capacity: 3,
      category: 2,
    },
  ],
  objects: [],
};

export function smallHall(taken: readonly number[] = []): MapState {
  const chart = decodeChart(FILE);
  const states = new Uint8Array(chart.placeCount);
  for (const seat of taken) states[seat] = 2;
  const state = createState(chart, { version: 10, epoch: 'e1', states });
  state.size = { width: 390, height: 500 };
  return state;
}
