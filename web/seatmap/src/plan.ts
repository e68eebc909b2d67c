/** What to paint for a state: levels of detail, what is in view, which words fit. Pure. */
import { overlaps, visibleBox } from './camera.ts';
import { areaLabel, groupLabels, plates, type Label, type MapWords } from './labels.ts';
import type { MapState } from './state.ts';
import { mix, parseColour, type Rgb, type Theme } from './theme.ts';
import type { Area, Group } from './types.ts';

export interface GroupLook {
  index: number;
  fill: Rgb;
  /** 0…1, how much of the fill shows under the seats. */
  alpha: number;
}

export interface Plan {
  /** Diameter of a seat in CSS pixels. */
  seatPx: number;
  /** 0: only sections are seen; 1: only seats. */
  seatAlpha: number;
  groups: GroupLook[];
  areas: { index: number; fill: Rgb }[];
  /** Runs of dense seats in view, as [first, count]. */
  runs: [first: number, count: number][];
  labels: Label[];
  showSeatNumbers: boolean;
  showRowNames: boolean;
}

// Below two pixels seats are a shimmer that tells nothing; from four and a half they can be aimed at.
const SEATS_APPEAR_PX = 2.2;
const SEATS_FULL_PX = 4.5;
// From this strength on seats cover what would be written under them.
const SEATS_TAKE_OVER = 0.6;
const ROW_NAMES_PX = 11;
const SEAT_NUMBERS_PX = 19;
export function seatPixels(state: MapState): number {
  return state.camera.scale * state.chart.pitch * 0.84;
}

export function plan(state: MapState, words: MapWords, theme: Theme): Plan {
  const { chart, camera, size } = state;
  const seatPx = seatPixels(state);
  const seatAlpha = smooth((seatPx - SEATS_APPEAR_PX) / (SEATS_FULL_PX - SEATS_APPEAR_PX));
  const view = visibleBox(camera, size);
  const groups: GroupLook[] = [];
  const runs: [number, number][] = [];
  const fills = chart.groups.map((group, index) => groupFill(state, group, index, theme));
  chart.groups.forEach((group, index) => {
    if (!overlaps(group.box, view)) return;
    const fill = fills[index] as Rgb;
    groups.push({ index, fill, alpha: 1 - seatAlpha });
    addRun(runs, group.first, group.count);
  });
  const grounds = fills.map((fill) => mix(fill, theme.section, seatAlpha));
  const labels = groupLabels(state, words, grounds, seatAlpha < SEATS_TAKE_OVER);
  if (seatAlpha >= SEATS_TAKE_OVER) labels.push(...plates(state, seatPx, theme.paper));
  const areas = chart.areas.map((area, index) => {
    const fill = areaFill(state, area, index, theme);
    const label = areaLabel(state, area, index, words, fill);
    if (label) labels.push(label);
    return { index, fill };
  });
  return {
    seatPx,
    seatAlpha,
    groups,
    areas,
    runs: seatAlpha > 0 ? runs : [],
    labels,
    showSeatNumbers: seatPx >= SEAT_NUMBERS_PX,
    showRowNames: seatPx >= ROW_NAMES_PX,
  };
}

function addRun(runs: [number, number][], first: number, count: number): void {
  const last = runs.at(-1);
  if (last && last[0] + last[1] === first) last[1] += count;
  else runs.push([first, count]);
}

// Colour says the category, its strength how much is left; words say both again.
function groupFill(state: MapState, group: Group, index: number, theme: Theme): Rgb {
  const free = state.shownOfGroup[index] ?? 0;
  if (free === 0) return mix(theme.section, theme.gone, 0.45);
  const category = group.categories.find((one) => state.filter.categories?.has(one) ?? true) ?? 0;
  const share = Math.min(1, free / Math.max(1, group.count));
  return mix(theme.section, categoryColour(state, category), 0.3 + 0.6 * share ** 0.6);
}

function areaFill(state: MapState, area: Area, index: number, theme: Theme): Rgb {
  const free = state.freeOfArea[index] ?? 0;
  const { categories, accessible } = state.filter;
  // Standing places are nobody's wheelchair places.
  const out = accessible || (categories !== null && !categories.has(area.category));
  if (free === 0 || out) return mix(theme.section, theme.gone, 0.45);
  const share = Math.min(1, free / Math.max(1, area.capacity));
  return mix(theme.section, categoryColour(state, area.category), 0.3 + 0.6 * share ** 0.6);
}

function categoryColour(state: MapState, category: number): Rgb {
  return parseColour(state.chart.categories[category]?.color ?? '');
}

function smooth(value: number): number {
  const share = Math.max(0, Math.min(1, value));
  return share * share * (3 - 2 * share);
}
