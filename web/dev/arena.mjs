/** Charts for the development fixture: a 70,000-place stadium and a small club. Not part of the product. */
import { createHash } from 'node:crypto';

const CENTRE = { x: 12000, y: 10000 };
const HALF = { x: 5900, y: 4000 };
const CORNER = 1500;
const PITCH_CM = 50;
const ROW_CM = 80;

/** Point and outward normal of the rounded rectangle at arc length `s` (cm), and its whole length. */
const straightX = 2 * (HALF.x - CORNER);
const straightY = 2 * (HALF.y - CORNER);
const quarter = (Math.PI / 2) * CORNER;
const PERIMETER = 2 * (straightX + straightY) + 4 * quarter;

/** @param {number} s @param {number} d offset outwards */
function along(s, d) {
  const sides = [
    { from: [-1, -1], dir: [1, 0], normal: [0, -1], length: straightX },
    { from: [1, -1], dir: [0, 1], normal: [1, 0], length: straightY },
    { from: [1, 1], dir: [-1, 0], normal: [0, 1], length: straightX },
    { from: [-1, 1], dir: [0, -1], normal: [-1, 0], length: straightY },
  ];
  let rest = ((s % PERIMETER) + PERIMETER) % PERIMETER;
  for (const side of sides) {
    const cornerX = side.from[0] * (HALF.x - CORNER);
    const cornerY = side.from[1] * (HALF.y - CORNER);
    if (rest <= side.length) {
      return {
        x: CENTRE.x + cornerX + side.dir[0] * rest + side.normal[0] * (CORNER + d),
        y: CENTRE.y + cornerY + side.dir[1] * rest + side.normal[1] * (CORNER + d),
      };
    }
    rest -= side.length;
    if (rest <= quarter) {
      const turn = rest / CORNER;
      const nx = side.normal[0] * Math.cos(turn) + side.dir[0] * Math.sin(turn);
      const ny = side.normal[1] * Math.cos(turn) + side.dir[1] * Math.sin(turn);
      return {
        x: CENTRE.x + cornerX + side.dir[0] * side.length + nx * (CORNER + d),
        y: CENTRE.y + cornerY + side.dir[1] * side.length + ny * (CORNER + d),
      };
    }
    rest -= quarter;
  }
  throw new Error('unreachable');
}

/** Points at equal steps of real length along [s0, s1] at offset d. @param {number} s0 @param {number} s1 @param {number} d */
function rowPoints(s0, s1, d) {
  const samples = [];
  let length = 0;
  let before = null;
  for (let i = 0; i <= 60; i++) {
    const point = along(s0 + ((s1 - s0) * i) / 60, d);
    if (before) length += Math.hypot(point.x - before.x, point.y - before.y);
    samples.push({ ...point, length });
    before = point;
  }
  const count = Math.floor((length - 110) / PITCH_CM);
  const start = (length - (count - 1) * PITCH_CM) / 2;
  const points = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const target = start + i * PITCH_CM;
    while (samples[at + 1] && samples[at + 1].length < target) at++;
    const a = samples[at];
    const b = samples[at + 1] ?? a;
    const share = b.length > a.length ? (target - a.length) / (b.length - a.length) : 0;
    points.push({ x: Math.round(a.x + (b.x - a.x) * share), y: Math.round(a.y + (b.y - a.y) * share) });
  }
  return points;
}

/** @param {number} s0 @param {number} s1 @param {number} d0 @param {number} d1 */
function outline(s0, s1, d0, d1) {
  const points = [];
  for (let i = 0; i <= 10; i++) points.push(along(s0 + ((s1 - s0) * i) / 10, d0));
  for (let i = 10; i >= 0; i--) points.push(along(s0 + ((s1 - s0) * i) / 10, d1));
  return points.map((point) => [Math.round(point.x), Math.round(point.y)]);
}

export function stadium() {
  const seats = { x: [], y: [], category: [], flags: [] };
  const sections = [];
  const tiers = [
    { prefix: 'L', level: 'Lower tier', count: 36, d: 700, rows: 27 },
    { prefix: 'U', level: 'Upper tier', count: 44, d: 3500, rows: 27 },
  ];
  for (const tier of tiers) {
    const step = PERIMETER / tier.count;
    for (let n = 0; n < tier.count; n++) {
      const s0 = n * step;
      const rows = [];
      const middle = along(s0 + step / 2, tier.d);
      const side = Math.abs(middle.y - CENTRE.y) / HALF.y;
      const end = (middle.x - CENTRE.x) / HALF.x;
      const category = tier.prefix === 'L' ? (end > 0.9 ? 2 : side > 0.6 ? 0 : 1) : side > 0.9 ? 1 : 2;
      for (let row = 0; row < tier.rows; row++) {
        const points = rowPoints(s0, s0 + step, tier.d + row * ROW_CM);
        rows.push({ name: String(row + 1), count: points.length, from: 1, step: 1 });
        points.forEach((point, index) => {
          if (tier.prefix === 'L' && row === 0 && n % 6 === 2 && index < 12) {
            seats.flags.push([seats.x.length, index % 2 ? 2 : 1 | 8]);
          }
          if (tier.prefix === 'U' && row > 24 && n % 11 === 5) seats.flags.push([seats.x.length, 4]);
          seats.x.push(point.x);
          seats.y.push(point.y);
          seats.category.push(category);
        });
      }
      const key = `${tier.prefix}${String(n + 1).padStart(2, '0')}`;
      sections.push({
        key,
        name: `Block ${key}`,
        level: tier.level,
        entrance: `Gate ${'ABCDEFGH'[Math.floor((n / tier.count) * 8)]}`,
        outline: outline(s0 + 12, s0 + step - 12, tier.d - 60, tier.d + tier.rows * ROW_CM - 20),
        rows,
      });
    }
  }
  const capacity = 70000 - seats.x.length;
  return finish({
    name: 'Nordhafen Arena',
    bounds: { x: 0, y: 0, width: 24000, height: 20000 },
    focus: { x: 16200, y: 10000 },
    categories: [
      { key: 'cat1', name: 'Category 1', color: '#4477AA' },
      { key: 'cat2', name: 'Category 2', color: '#228833' },
      { key: 'cat3', name: 'Category 3', color: '#CCBB44' },
      { key: 'standing', name: 'Standing', color: '#AA3377' },
    ],
    sections,
    tables: [],
    seats,
    areas: [
      {
        key: 'pitch',
        name: 'Standing pitch',
        outline: [
          [7000, 6700],
          [15200, 6700],
          [15200, 13300],
          [7000, 13300],
        ],
        capacity,
        category: 3,
        entrance: 'Gate A',
      },
    ],
    objects: [
      {
        kind: 'stage',
        label: 'Stage',
        outline: [
          [15600, 7600],
          [17600, 7600],
          [17600, 12400],
          [15600, 12400],
        ],
      },
    ],
  });
}

export function club() {
  const seats = { x: [], y: [], category: [], flags: [] };
  const tables = [];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 6; column++) {
      const table = { x: 700 + column * 420, y: 1300 + row * 420, radius: 70 };
      const name = String(row * 6 + column + 1);
      tables.push({
        key: `T${name}`,
        name: `Table ${name}`,
        ...table,
        whole: row === 0,
        count: 6,
        from: 1,
        step: 1,
      });
      for (let seat = 0; seat < 6; seat++) {
        const turn = (seat / 6) * 2 * Math.PI;
        seats.x.push(Math.round(table.x + Math.cos(turn) * 115));
        seats.y.push(Math.round(table.y + Math.sin(turn) * 115));
        seats.category.push(row === 0 ? 0 : 1);
      }
    }
  }
  return finish({
    name: 'Kellerclub',
    bounds: { x: 0, y: 0, width: 3600, height: 4200 },
    focus: { x: 1800, y: 400 },
    categories: [
      { key: 'front', name: 'Front tables', color: '#4477AA' },
      { key: 'table', name: 'Tables', color: '#66CCEE' },
      { key: 'floor', name: 'Floor', color: '#AA3377' },
    ],
    sections: [],
    tables,
    seats,
    areas: [
      {
        key: 'floor',
        name: 'Standing at the bar',
        outline: [
          [400, 3000],
          [3200, 3000],
          [3200, 3900],
          [400, 3900],
        ],
        capacity: 456,
        category: 2,
        entrance: 'Front door',
      },
    ],
    objects: [
      {
        kind: 'stage',
        label: 'Stage',
        outline: [
          [900, 200],
          [2700, 200],
          [2700, 700],
          [900, 700],
        ],
      },
      {
        kind: 'bar',
        label: 'Bar',
        outline: [
          [3260, 3000],
          [3500, 3000],
          [3500, 3900],
          [3260, 3900],
        ],
      },
    ],
  });
}

/** Delta and run-length codes, seat count and hash, as the product's charts have them. @param {any} chart */
function finish(chart) {
  const { x, y, category, flags } = chart.seats;
  const delta = (list) => list.map((value, index) => (index ? value - list[index - 1] : value));
  const runs = [];
  for (const value of category) {
    if (runs.length && runs[runs.length - 2] === value) runs[runs.length - 1]++;
    else runs.push(value, 1);
  }
  const file = {
    format: 'seatwright-chart/1',
    seat_count: x.length + chart.areas.reduce((sum, area) => sum + area.capacity, 0),
    ...chart,
    seats: { x: delta(x), y: delta(y), category: runs, flags },
  };
  const text = JSON.stringify(file);
  return {
    file,
    text,
    hash: createHash('sha256').update(text).digest('hex'),
    places: places(file, category),
  };
}

/** Dense order → what a hold needs to know. @param {any} file @param {number[]} category */
function places(file, category) {
  const list = [];
  for (const section of file.sections) {
    for (const row of section.rows) {
      for (let i = 0; i < row.count; i++) {
        const seat = row.labels ? row.labels[i] : String(row.from + i * row.step);
        list.push({
          id: `${section.key}:${row.name}:${seat}`,
          label: `${section.name} · Row ${row.name} · Seat ${seat}`,
          category: file.categories[category[list.length]].key,
        });
      }
    }
  }
  for (const table of file.tables) {
    for (let i = 0; i < table.count; i++) {
      const seat = String(table.from + i * table.step);
      list.push({
        id: `${table.key}::${seat}`,
        label: `${table.name} · Seat ${seat}`,
        category: file.categories[category[list.length]].key,
      });
    }
  }
  for (const area of file.areas) {
    for (let i = 1; i <= area.capacity; i++) {
      list.push({
        id: `${area.key}:${i}`,
        label: `${area.name} · Place ${i}`,
        category: file.categories[area.category].key,
        area: area.key,
      });
    }
  }
  return list;
}
