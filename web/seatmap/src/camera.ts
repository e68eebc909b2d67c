/** Where one looks from: pure arithmetic between the chart (cm) and the picture (CSS pixels). */
import type { Area, Box, Camera, Chart, Group, Size } from './types.ts';

// A seat as wide as a thumb: more would only show emptiness between numbers.
const SEAT_PX_MAX = 54;
const EDGE_PX = 12;
// Shares of the spare room to move the hall leftwards and upwards.
const AWAY = [
  [0, 0],
  [0, 0.5],
  [0.5, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;
// Asked for with every frame, found once for each size of the picture.
const overviews = new WeakMap<Chart, { size: Size; camera: Camera }>();

export function toPicture(camera: Camera, size: Size, x: number, y: number): { x: number; y: number } {
  return {
    x: (x - camera.x) * camera.scale + size.width / 2,
    y: (y - camera.y) * camera.scale + size.height / 2,
  };
}

export function toChart(camera: Camera, size: Size, x: number, y: number): { x: number; y: number } {
  return {
    x: (x - size.width / 2) / camera.scale + camera.x,
    y: (y - size.height / 2) / camera.scale + camera.y,
  };
}

/** The camera that shows all of `box` with `margin` pixels around it. */
export function fit(box: Box, size: Size, margin: number): Camera {
  const width = Math.max(1, box.right - box.left);
  const height = Math.max(1, box.bottom - box.top);
  const scale = Math.min(
    Math.max(1, size.width - 2 * margin) / width,
    Math.max(1, size.height - 2 * margin) / height,
  );
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale };
}

/** All of the chart, as large as it gets with no seat under what the page lays over the corner. */
export function overview(chart: Chart, size: Size): Camera {
  const known = overviews.get(chart);
  if (known?.size === size) return known.camera;
  const camera = besideCorner(chart, size);
  overviews.set(chart, { size, camera });
  return camera;
}

function besideCorner(chart: Chart, size: Size): Camera {
  const whole = fit(chart.box, size, EDGE_PX);
  const { corner } = size;
  if (!corner) return whole;
  const boxes = [...chart.groups.map((group) => group.box), ...chart.areas.map(boxOfArea)];
  for (let share = 1; share > 0.7; share -= 0.01) {
    const scale = whole.scale * share;
    // What is free beside the hall is free to move it: first not at all, then away from the corner.
    const spare = {
      x: size.width / 2 - EDGE_PX - ((chart.box.right - chart.box.left) / 2) * scale,
      y: size.height / 2 - EDGE_PX - ((chart.box.bottom - chart.box.top) / 2) * scale,
    };
    for (const [left, up] of AWAY) {
      const camera = { x: whole.x + (spare.x * left) / scale, y: whole.y + (spare.y * up) / scale, scale };
      const from = toChart(camera, size, size.width - corner.width, size.height - corner.height);
      const covered = { left: from.x, top: from.y, right: Infinity, bottom: Infinity };
      if (!boxes.some((box) => overlaps(box, covered))) return camera;
    }
  }
  return whole;
}

function boxOfArea({ outline }: Area): Box {
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** All of a section or a table, or as much of it as leaves its seats large enough to be tapped. */
export function overGroup(group: Group, chart: Chart, size: Size): Camera {
  const edge = group.kind === 'table' ? chart.pitch * 6 : chart.pitch;
  const to = fit(grown(group.box, edge), size, 16);
  // A wide section on a narrow phone would fit with seats too small to tap: come closer instead.
  return { ...to, scale: Math.max(to.scale, 9 / chart.pitch) };
}

/** All of these seats, and some of what is around them. */
export function overSeats(seats: readonly number[], chart: Chart, size: Size): Camera {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const seat of seats) {
    box.left = Math.min(box.left, chart.x[seat] ?? 0);
    box.right = Math.max(box.right, chart.x[seat] ?? 0);
    box.top = Math.min(box.top, chart.y[seat] ?? 0);
    box.bottom = Math.max(box.bottom, chart.y[seat] ?? 0);
  }
  return fit(grown(box, 4 * chart.pitch), size, Math.min(24, size.width / 6));
}

function grown(box: Box, by: number): Box {
  return { left: box.left - by, right: box.right + by, top: box.top - by, bottom: box.bottom + by };
}

export function scaleBounds(chart: Chart, size: Size): { least: number; most: number } {
  const least = overview(chart, size).scale;
  return { least, most: Math.max(least, SEAT_PX_MAX / chart.pitch) };
}

/** Keeps the scale in bounds and some of the hall in the picture. */
export function clampCamera(camera: Camera, chart: Chart, size: Size): Camera {
  const { least, most } = scaleBounds(chart, size);
  const scale = Math.max(least, Math.min(most, camera.scale));
  const whole = overview(chart, size);
  const room = (low: number, high: number, length: number, middle: number, value: number): number => {
    // Half a picture may be pulled over the edge, so that the outermost row can be looked at in the middle.
    const slack = length / scale / 2;
    const from = Math.min(low + slack * 0.5, middle);
    const to = Math.max(high - slack * 0.5, middle);
    return Math.max(from, Math.min(to, value));
  };
  return {
    x: room(chart.box.left, chart.box.right, size.width, whole.x, camera.x),
    y: room(chart.box.top, chart.box.bottom, size.height, whole.y, camera.y),
    scale,
  };
}

/** Scales by `factor` and leaves the chart's point under (`x`, `y`) where it is. */
export function zoomAt(camera: Camera, size: Size, factor: number, x: number, y: number): Camera {
  const fixed = toChart(camera, size, x, y);
  const scale = camera.scale * factor;
  return {
    x: fixed.x - (x - size.width / 2) / scale,
    y: fixed.y - (y - size.height / 2) / scale,
    scale,
  };
}

export function panBy(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}

/** Between two cameras at `share` 0…1; the scale moves by ratio, which the eye sees as even. */
export function between(from: Camera, to: Camera, share: number): Camera {
  const scale = from.scale * (to.scale / from.scale) ** share;
  const done =
    to.scale === from.scale ? share : (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale);
  return { x: from.x + (to.x - from.x) * done, y: from.y + (to.y - from.y) * done, scale };
}

export function visibleBox(camera: Camera, size: Size): Box {
  const halfWidth = size.width / 2 / camera.scale;
  const halfHeight = size.height / 2 / camera.scale;
  return {
    left: camera.x - halfWidth,
    right: camera.x + halfWidth,
    top: camera.y - halfHeight,
    bottom: camera.y + halfHeight,
  };
}

export function overlaps(a: Box, b: Box): boolean {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}
