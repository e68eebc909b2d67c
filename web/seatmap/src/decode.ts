/** From the files on the wire to arrays that can be painted. Throws `ChartError` on what does not add up. */
import type { Area, Box, Chart, ChartFile, ChartRow, Group, Point, Row, Snapshot } from './types.ts';

export class ChartError extends Error {}

// Two bytes hold a group's number; a hall with more sections than that is a mistake.
const GROUPS_MAX = 65_535;

export function decodeChart(file: ChartFile): Chart {
  if (file.format !== 'seatwright-chart/1') throw new ChartError(`unknown format ${String(file.format)}`);
  const x = undelta(file.seats.x);
  const y = undelta(file.seats.y);
  const seatCount = x.length;
  if (y.length !== seatCount) throw new ChartError('x and y differ in length');
  const category = unrun(file.seats.category, seatCount);
  const flags = new Uint8Array(seatCount);
  for (const [seat, bits] of file.seats.flags) flags[seat] = bits;

  const groups = readGroups(file, x, y);
  for (const group of groups) group.categories = categoriesOf(category, group.first, group.count);
  if (groups.length > GROUPS_MAX) throw new ChartError('too many sections');
  const last = groups.at(-1);
  if ((last ? last.first + last.count : 0) !== seatCount) throw new ChartError('rows and seats differ');
  const groupOf = new Uint16Array(seatCount);
  groups.forEach((group, index) => groupOf.fill(index, group.first, group.first + group.count));

  const areas = readAreas(file, seatCount);
  const lastArea = areas.at(-1);
  const placeCount = lastArea ? lastArea.first + lastArea.capacity : seatCount;
  if (placeCount !== file.seat_count) throw new ChartError(`${placeCount} places, not ${file.seat_count}`);
  const { bounds } = file;
  return {
    name: file.name,
    box: { left: bounds.x, top: bounds.y, right: bounds.x + bounds.width, bottom: bounds.y + bounds.height },
    focus: file.focus,
    categories: file.categories,
    groups,
    areas,
    objects: file.objects,
    seatCount,
    placeCount,
    x,
    y,
    category,
    flags,
    groupOf,
    pitch: usualPitch(groups, x, y),
  };
}

/** Each number is the step from the one before it; the first counts from zero. */
export function undelta(steps: readonly number[]): Int32Array {
  const values = new Int32Array(steps.length);
  let value = 0;
  for (let i = 0; i < steps.length; i++) {
    value += steps[i] ?? 0;
    values[i] = value;
  }
  return values;
}

/** `[value, count, value, count…]` to one value a seat. */
export function unrun(runs: readonly number[], count: number): Uint8Array {
  const values = new Uint8Array(count);
  let at = 0;
  for (let i = 0; i + 1 < runs.length; i += 2) {
    const length = runs[i + 1] ?? 0;
    values.fill(runs[i] ?? 0, at, at + length);
    at += length;
  }
  if (at !== count) throw new ChartError(`categories for ${at} of ${count} seats`);
  return values;
}

function readGroups(file: ChartFile, x: Int32Array, y: Int32Array): Group[] {
  const groups: Group[] = [];
  let first = 0;
  for (const section of file.sections) {
    const start = first;
    const rows: Row[] = section.rows.map((row) => {
      const made = { name: row.name, first, count: row.count, label: labeller(row) };
      first += row.count;
      return made;
    });
    const place = { first: start, count: first - start };
    const box = boxOfSeats(x, y, place.first, place.count);
    const outline = section.outline.length > 2 ? section.outline : corners(box);
    groups.push({
      kind: 'section',
      key: section.key,
      name: section.name,
      level: section.level ?? '',
      entrance: section.entrance ?? '',
      outline,
      rows,
      ...place,
      ...heart(outline),
      box: boxOf(outline, box),
      whole: false,
      categories: [],
    });
  }
  for (const table of file.tables) {
    const box = boxOfSeats(x, y, first, table.count);
    groups.push({
      kind: 'table',
      key: table.key,
      name: table.name,
      level: '',
      entrance: '',
      outline: circle(table.x, table.y, table.radius),
      rows: [{ name: '', first, count: table.count, label: labeller(table) }],
      first,
      count: table.count,
      centre: { x: table.x, y: table.y },
      room: table.radius,
      box: boxOf(circle(table.x, table.y, table.radius), box),
      whole: table.whole,
      categories: [],
    });
    first += table.count;
  }
  return groups;
}

function categoriesOf(category: Uint8Array, first: number, count: number): number[] {
  const seats = new Map<number, number>();
  for (let i = first; i < first + count; i++)
    seats.set(category[i] ?? 0, (seats.get(category[i] ?? 0) ?? 0) + 1);
  return [...seats].sort((a, b) => b[1] - a[1]).map(([key]) => key);
}

function readAreas(file: ChartFile, seatCount: number): Area[] {
  let first = seatCount;
  return file.areas.map((area) => {
    const made = {
      key: area.key,
      name: area.name,
      entrance: area.entrance ?? '',
      outline: area.outline,
      category: area.category,
      first,
      capacity: area.capacity,
      ...heart(area.outline),
    };
    first += area.capacity;
    return made;
  });
}

function labeller(row: Pick<ChartRow, 'labels' | 'from' | 'step'>): (index: number) => string {
  const { labels, from = 1, step = 1 } = row;
  return labels ? (index) => labels[index] ?? '' : (index) => String(from + index * step);
}

/** Centre of gravity, and how far it is from the nearest edge. */
function heart(outline: readonly Point[]): { centre: { x: number; y: number }; room: number } {
  let area = 0;
  let cx = 0;
  let cy = 0;
  eachEdge(outline, ([ax, ay], [bx, by]) => {
    const cross = ax * by - bx * ay;
    area += cross;
    cx += (ax + bx) * cross;
    cy += (ay + by) * cross;
  });
  const first = outline[0] ?? [0, 0];
  const centre = area === 0 ? { x: first[0], y: first[1] } : { x: cx / (3 * area), y: cy / (3 * area) };
  let room = Infinity;
  eachEdge(outline, (a, b) => {
    room = Math.min(room, distanceToEdge(centre.x, centre.y, a, b));
  });
  return { centre, room: Number.isFinite(room) ? room : 0 };
}

function eachEdge(outline: readonly Point[], visit: (a: Point, b: Point) => void): void {
  for (let i = 0; i < outline.length; i++) {
    visit(outline[i] as Point, outline[(i + 1) % outline.length] as Point);
  }
}

function distanceToEdge(px: number, py: number, [ax, ay]: Point, [bx, by]: Point): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const share =
    length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length));
  return Math.hypot(px - (ax + share * (bx - ax)), py - (ay + share * (by - ay)));
}

function boxOfSeats(x: Int32Array, y: Int32Array, first: number, count: number): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = first; i < first + count; i++) grow(box, x[i] ?? 0, y[i] ?? 0);
  return box;
}

function boxOf(outline: readonly Point[], seats: Box): Box {
  const box = { ...seats };
  for (const [px, py] of outline) grow(box, px, py);
  return box;
}

function grow(box: Box, x: number, y: number): void {
  box.left = Math.min(box.left, x);
  box.right = Math.max(box.right, x);
  box.top = Math.min(box.top, y);
  box.bottom = Math.max(box.bottom, y);
}

function corners(box: Box): Point[] {
  const edge = 60;
  return [
    [box.left - edge, box.top - edge],
    [box.right + edge, box.top - edge],
    [box.right + edge, box.bottom + edge],
    [box.left - edge, box.bottom + edge],
  ];
}

function circle(x: number, y: number, radius: number): Point[] {
  return Array.from({ length: 24 }, (_, i): Point => {
    const turn = (i / 24) * 2 * Math.PI;
    return [x + Math.cos(turn) * radius, y + Math.sin(turn) * radius];
  });
}

// The median of a sample: an aisle or a wheelchair place in the middle must not make seats larger.
function usualPitch(groups: readonly Group[], x: Int32Array, y: Int32Array): number {
  const steps: number[] = [];
  for (const group of groups) {
    const row = group.rows[group.rows.length >> 1];
    if (!row) continue;
    for (let i = row.first + 1; i < row.first + row.count && steps.length < 2000; i++) {
      steps.push(Math.hypot((x[i] ?? 0) - (x[i - 1] ?? 0), (y[i] ?? 0) - (y[i - 1] ?? 0)));
    }
  }
  steps.sort((a, b) => a - b);
  return Math.max(30, Math.min(200, steps[steps.length >> 1] ?? 50));
}

const HEADER_BYTES = 32;

/** Reads `application/octet-stream`: header `SWAV`, then two bits a place, the first in the highest bits. */
export function decodeAvailability(buffer: ArrayBuffer, placeCount: number): Snapshot {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || view.getUint32(0) !== 0x53574156 || view.getUint8(4) !== 1) {
    throw new ChartError('not an availability snapshot');
  }
  const count = view.getUint32(16);
  if (count !== placeCount) throw new ChartError(`availability of ${count} places, not ${placeCount}`);
  let epoch = '';
  for (let i = 24; i < 32; i++) {
    const letter = view.getUint8(i);
    if (letter !== 0) epoch += String.fromCharCode(letter);
  }
  return {
    version: Number(view.getBigUint64(8)),
    epoch,
    states: unpack(new Uint8Array(buffer, HEADER_BYTES), count),
  };
}

/** Two bits a place to a byte a place. */
export function unpack(bits: Uint8Array, count: number): Uint8Array {
  if (bits.length * 4 < count) throw new ChartError('availability was cut short');
  const states = new Uint8Array(count);
  for (let i = 0; i < count; i++) states[i] = ((bits[i >> 2] ?? 0) >> (6 - 2 * (i & 3))) & 3;
  return states;
}
