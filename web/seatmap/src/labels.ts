/** Which words stand where on the map: large enough to read or not at all, and none over another. Pure. */
import { toPicture, visibleBox } from './camera.ts';
import { groupAt, inside } from './pick.ts';
import type { MapState } from './state.ts';
import { inkOn, type Rgb } from './theme.ts';
import type { Area, Box, Group } from './types.ts';

/** The words on the map come from the page's own catalogue. */
export interface MapWords {
  /** Price of a category in the reader's money format, or '' when unknown. */
  price(category: number): string;
  left(count: number): string;
  soldOut: string;
}

export interface Label {
  /** Middle of the words, in CSS pixels. */
  x: number;
  y: number;
  lines: { text: string; bold: boolean; px: number }[];
  ink: Rgb;
  /** What it is written on. */
  ground: Rgb;
  /** Lies over seats: carries its own ground, of this size. */
  plate: { width: number; height: number } | null;
  /** Reads upwards, where a narrow place has room for nothing else. */
  turned?: boolean;
}

// Widths of an average letter in ems, of a wide system font: measuring would need a canvas.
const LETTER_WIDTH = 0.6;
const LETTER_WIDTH_BOLD = 0.68;
export const LINE_HEIGHT = 1.2;
// A name is read at arm's length on a phone; what stands below it may be finer.
const NAME_PX_MIN = 12;
const MORE_PX_MIN = 10;
// Sizes of short names, and of how many sections one has such a name: rather small than none.
const SHORT = [
  [NAME_PX_MIN, 1],
  [11, 1],
  [10, 1],
  [NAME_PX_MIN, 2],
  [NAME_PX_MIN, 3],
] as const;
const TEXT_PX_MAX = 15;
// So much further than its section's own circle a short name may reach when nothing else stands there.
const REACH = 1.8;
const REACH_OF_FEW = 2.4;
const GAP_PX = 3;
// Seats of this size are chosen one by one: from here on nothing lies over them that need not.
const SEATS_AIMED_PX = 9;

/** Names on tables, and on `sections` as long as they are seen as areas; `grounds` are their colours. */
export function groupLabels(
  state: MapState,
  words: MapWords,
  grounds: readonly Rgb[],
  sections: boolean,
): Label[] {
  const { chart, camera } = state;
  const radii = chart.groups.map((group) => group.room * camera.scale * 1.08);
  const own = (group: Group, index: number): Label | null =>
    groupLabel(state, group, index, radii[index] ?? 0, words, grounds[index] as Rgb);
  const labels: Label[] = [];
  const levels = new Map<string, Section[]>();
  // Every section is asked, in view or not: what is left out must not depend on where one looks.
  chart.groups.forEach((group, index) => {
    if (group.kind === 'table') {
      const label = own(group, index);
      if (label) labels.push(label);
    } else if (sections) {
      const at = toPicture(camera, state.size, group.centre.x, group.centre.y);
      const short = (px: number, step: number): Label | null => {
        const { width, height } = textSize(group.key, px);
        const reach = (radii[index] ?? 0) * (step > 1 ? REACH_OF_FEW : REACH);
        return Math.hypot(width, height) / 2 <= reach
          ? named(at, group.key, px, grounds[index] as Rgb)
          : null;
      };
      const free = (state.shownOfGroup[index] ?? 0) > 0;
      levels.set(group.level, [...(levels.get(group.level) ?? []), { own: own(group, index), short, free }]);
    }
  });
  const placed: Box[] = [];
  for (const level of levels.values()) {
    const standing = alike(level, placed);
    placed.push(...standing.map(boxOf));
    labels.push(...standing);
  }
  return labels.filter((label) => isSeen(label, state));
}

interface Section {
  /** What fits into it, or null. */
  own: Label | null;
  /** Its short name alone, which may reach over its edge: further when its neighbours have none. */
  short: (px: number, step: number) => Label | null;
  free: boolean;
}

/**
 * The labels of one level say as much of each section as of its neighbours: all have a price or none,
 * all have a name, in smaller letters where they are many, or every second has, or every third.
 */
function alike(level: readonly Section[], placed: readonly Box[]): Label[] {
  const full = inFull(level);
  if (full && !clash(full, placed)) return full;
  for (const [px, step] of SHORT) {
    const some = level.filter((_, n) => n % step === 0).map(({ short }) => short(px, step));
    const labels = some.filter((label) => label !== null);
    // A name that lies on another level's is left out alone: no step would move it.
    const free = step === 1 ? placed : [];
    if (labels.length === some.length && !clash(labels, free)) {
      return labels.filter((label) => !clash([label], placed));
    }
  }
  return [];
}

/** Each section's name, and below it as many lines as all have room for; null when one has no name. */
function inFull(level: readonly Section[]): Label[] | null {
  const lines = Math.min(...level.map(({ own, free }) => (free ? (own?.lines.length ?? 0) : Infinity)));
  const labels = level.map(
    ({ own, free }) => own && { ...own, lines: free ? own.lines.slice(0, lines) : own.lines },
  );
  const all = labels.filter((label) => label !== null);
  return all.length === labels.length ? all : null;
}

function clash(labels: readonly Label[], placed: readonly Box[]): boolean {
  const boxes = labels.map(boxOf);
  return boxes.some(
    (box, n) =>
      boxes.slice(n + 1).some((other) => meet(box, other)) || placed.some((other) => meet(box, other)),
  );
}

/** Names of the sections whose seats are seen: beside the seats where there is room, else at the edge. */
export function plates(state: MapState, seatPx: number, paper: Rgb): Label[] {
  const { chart, camera, size } = state;
  const view = visibleBox(camera, size);
  const looked = groupAt(chart, camera.x, camera.y);
  const placed: Box[] = [];
  const labels: Label[] = [];
  chart.groups.forEach((group, index) => {
    const seen = within(group.box, view);
    if (group.kind === 'table' || !seen) return;
    const wide = (group.box.right - group.box.left) * camera.scale;
    const [name, plate] = plateFor(group, wide);
    const aimed = seatPx >= SEATS_AIMED_PX;
    const wanted = aimed
      ? behind(state, group, plate)
      : toPicture(camera, size, group.centre.x, group.centre.y);
    const low = toPicture(camera, size, seen.left, seen.top);
    const high = toPicture(camera, size, seen.right, seen.bottom);
    // Beside the seats it stands as it is; over them it stays where they are seen.
    const [freeX, freeY] = [aimed || wide < plate.width + 2 * GAP_PX, aimed];
    const x = intoSpan(wanted.x, low.x, high.x, plate.width, freeX && !isOut(wanted.x, size.width));
    const y = intoSpan(wanted.y, low.y, high.y, plate.height, freeY && !isOut(wanted.y, size.height));
    // The page names the section that one looks at; over its seats nothing must lie.
    if (x === null || y === null || (aimed && index === looked && (x !== wanted.x || y !== wanted.y))) return;
    const label = { ...named({ x, y }, name, NAME_PX_MIN, paper), plate };
    const box = boxOf(label);
    if (placed.some((other) => meet(box, other))) return;
    placed.push(box);
    labels.push(label);
  });
  return labels;
}

function plateFor({ name, key }: Group, wide: number): [text: string, plate: NonNullable<Label['plate']>] {
  const plate = (text: string): NonNullable<Label['plate']> => {
    const { width, height } = textSize(text, NAME_PX_MIN);
    return { width: width + 14, height: height + 6 };
  };
  const long = plate(name);
  return long.width + 2 * GAP_PX <= wide ? [name, long] : [key, plate(key)];
}

/** The name of a standing area, where it is in view. */
export function areaLabel(
  state: MapState,
  area: Area,
  index: number,
  words: MapWords,
  ground: Rgb,
): Label | null {
  const { camera, size } = state;
  const free = state.freeOfArea[index] ?? 0;
  const more = free === 0 ? [words.soldOut] : [words.price(area.category), words.left(free)];
  const xs = area.outline.map(([x]) => x);
  const ys = area.outline.map(([, y]) => y);
  const box = {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
  const wide = (box.right - box.left) * camera.scale * 0.95;
  const high = (box.bottom - box.top) * camera.scale * 0.95;
  const into = (across: number, down: number): Label | null => {
    const fits: Fits = (width, height) => width <= across && height <= down;
    const names = [area.name, area.key] as const;
    return place(state, area.centre, area.room * camera.scale, fits, fits, names, more, ground);
  };
  const upright = into(wide, high);
  const lying = upright ? null : into(high, wide);
  const label = lying ? { ...lying, turned: true } : upright;
  const seen = within(box, visibleBox(camera, size));
  if (!label || !seen) return label;
  const own = boxOf(label);
  const from = toPicture(camera, size, seen.left, seen.top);
  const to = toPicture(camera, size, seen.right, seen.bottom);
  const x = intoSpan(label.x, from.x, to.x, own.right - own.left, false);
  const y = intoSpan(label.y, from.y, to.y, own.bottom - own.top, false);
  return { ...label, x: x ?? label.x, y: y ?? label.y };
}

type Fits = (width: number, height: number) => boolean;

function groupLabel(
  state: MapState,
  group: Group,
  index: number,
  radius: number,
  words: MapWords,
  ground: Rgb,
): Label | null {
  const free = state.shownOfGroup[index] ?? 0;
  const category = group.categories.find((one) => state.filter.categories?.has(one) ?? true) ?? 0;
  const more = free === 0 ? [words.soldOut] : [words.price(category), words.left(free)];
  const { scale } = state.camera;
  const { x, y } = group.centre;
  const fits: Fits = (width, height) => Math.hypot(width, height) / 2 <= radius;
  // A circle is small in a long block: for short words it is enough to stay inside the outline.
  const fitsShort: Fits = (width, height) => {
    if (fits(width, height)) return true;
    if (group.kind === 'table' || height > radius * 2) return false;
    const [dx, dy] = [width / 2 / scale, height / 2 / scale];
    return [-1, -0.5, 0, 0.5, 1].every((step) =>
      [-1, 1].every((side) => inside(group.outline, x + dx * step, y + dy * side)),
    );
  };
  return place(state, group.centre, radius, fits, fitsShort, [group.name, group.key], more, ground);
}

/** Puts the longest name that fits, then as many further lines as there is room for. */
function place(
  state: MapState,
  centre: { x: number; y: number },
  radius: number,
  fits: Fits,
  fitsShort: Fits,
  [name, key]: readonly [string, string],
  more: string[],
  ground: Rgb,
): Label | null {
  const px = Math.max(NAME_PX_MIN, Math.min(TEXT_PX_MAX, radius * 0.42));
  const sizes = [px, Math.max(NAME_PX_MIN, px * 0.8)];
  const short = name.length > key.length ? key : name;
  const first = firstThatFits(name, sizes, fits) ?? firstThatFits(short, sizes, fitsShort);
  if (!first) return null;
  const at = toPicture(state.camera, state.size, centre.x, centre.y);
  const label = named(at, first.text, first.px, ground);
  let height = first.px * LINE_HEIGHT;
  const smaller = Math.max(MORE_PX_MIN, first.px * 0.85);
  for (const text of more) {
    if (!text || !fitsShort(text.length * smaller * LETTER_WIDTH, height + smaller * LINE_HEIGHT)) continue;
    label.lines.push({ text, bold: false, px: smaller });
    height += smaller * LINE_HEIGHT;
  }
  return label;
}

function firstThatFits(text: string, sizes: number[], fits: Fits): { text: string; px: number } | null {
  for (const px of sizes) {
    const { width, height } = textSize(text, px);
    if (fits(width, height)) return { text, px };
  }
  return null;
}

function named(at: { x: number; y: number }, text: string, px: number, ground: Rgb): Label {
  return { ...at, lines: [{ text, bold: true, px }], ink: inkOn(ground), ground, plate: null };
}

function textSize(text: string, px: number): { width: number; height: number } {
  return { width: text.length * px * LETTER_WIDTH_BOLD, height: px * LINE_HEIGHT };
}

/** Behind the last row as seen from where people look, with the whole plate beside the seats. */
function behind(
  state: MapState,
  group: Group,
  plate: { width: number; height: number },
): { x: number; y: number } {
  const { chart, camera, size } = state;
  const [dx, dy] = [group.centre.x - chart.focus.x, group.centre.y - chart.focus.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ex, ey] = [dx / length, dy / length];
  const reach = Math.max(
    ...group.outline.map(([x, y]) => (x - group.centre.x) * ex + (y - group.centre.y) * ey),
  );
  const out =
    reach + ((Math.abs(ex) * plate.width + Math.abs(ey) * plate.height) / 2 + GAP_PX) / camera.scale;
  return toPicture(camera, size, group.centre.x + ex * out, group.centre.y + ey * out);
}

function isSeen(label: Label, { size }: MapState): boolean {
  return meet(boxOf(label), { left: 0, top: 0, right: size.width, bottom: size.height });
}

const isOut = (value: number, length: number): boolean => value < 0 || value > length;

/** `value` moved so that `length` around it lies between `low` and `high`; null when it cannot. */
function intoSpan(value: number, low: number, high: number, length: number, free: boolean): number | null {
  if (free) return value;
  const half = length / 2 + GAP_PX;
  if (high - low < half * 2) return null;
  return Math.max(low + half, Math.min(high - half, value));
}

function boxOf({ x, y, lines, plate, turned }: Label): Box {
  const words = lines.map(
    (line) => line.text.length * line.px * (line.bold ? LETTER_WIDTH_BOLD : LETTER_WIDTH),
  );
  const long = plate?.width ?? Math.max(...words);
  const thick = plate?.height ?? lines.reduce((sum, line) => sum + line.px * LINE_HEIGHT, 0);
  const [width, height] = turned ? [thick, long] : [long, thick];
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right + GAP_PX && b.left < a.right + GAP_PX && a.top < b.bottom && b.top < a.bottom;
}

function within(box: Box, view: Box): Box | null {
  const seen = {
    left: Math.max(box.left, view.left),
    right: Math.min(box.right, view.right),
    top: Math.max(box.top, view.top),
    bottom: Math.min(box.bottom, view.bottom),
  };
  return seen.left < seen.right && seen.top < seen.bottom ? seen : null;
}
