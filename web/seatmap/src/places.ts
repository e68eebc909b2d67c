/** Names of seats: the API's ids, and what a person is told. */
import type { Chart, Group, Row } from './types.ts';

export interface Place {
  group: Group;
  row: Row;
  seat: string;
}

/** Where `seat` is; a row is found by halving, since a section may have a hundred. */
export function placeOf(chart: Chart, seat: number): Place {
  const group = chart.groups[chart.groupOf[seat] ?? -1];
  if (!group) throw new RangeError(`no seat ${seat}`);
  let low = 0;
  let high = group.rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((group.rows[middle] as Row).first <= seat) low = middle;
    else high = middle - 1;
  }
  const row = group.rows[low] as Row;
  return { group, row, seat: row.label(seat - row.first) };
}

/** `L12:4:7`, or `T1::3` at a table. */
export function seatId(chart: Chart, seat: number): string {
  const { group, row, seat: label } = placeOf(chart, seat);
  return `${group.key}:${row.name}:${label}`;
}

/** The dense number of a seat's id, or null when this chart has no such seat. */
export function seatOf(chart: Chart, id: string): number | null {
  const [key, name, label] = id.split(':');
  const group = chart.groups.find((one) => one.key === key);
  const row = group?.rows.find((one) => one.name === name);
  if (!row) return null;
  for (let i = 0; i < row.count; i++) if (row.label(i) === label) return row.first + i;
  return null;
}
