import { describe, expect, it } from 'vitest';

import { between, clampCamera, overview, panBy, scaleBounds, toChart, toPicture, zoomAt } from './camera.ts';
import { smallHall } from './fixture.ts';

const { chart, size } = smallHall();

describe('the camera', () => {
  it('shows the whole hall at first', () => {
    const camera = overview(chart, size);
    for (const [x, y] of [
      [chart.box.left, chart.box.top],
      [chart.box.right, chart.box.bottom],
    ] as const) {
      const at = toPicture(camera, size, x, y);
      expect(at.x).toBeGreaterThanOrEqual(0);
      expect(at.x).toBeLessThanOrEqual(size.width);
      expect(at.y).toBeGreaterThanOrEqual(0);
      expect(at.y).toBeLessThanOrEqual(size.height);
    }
  });

  it('leaves the corner free that the page covers, and fills the rest', () => {
    for (const [width, height] of [
      [390, 380],
      [320, 200],
      [1000, 720],
    ] as const) {
      const free = { width, height };
      const covered = { ...free, corner: { width: 160, height: 64 } };
      const camera = overview(chart, covered);
      const inCorner = [...chart.x].filter((x, seat) => {
        const at = toPicture(camera, covered, x, chart.y[seat] ?? 0);
        return at.x > width - 160 && at.y > height - 64;
      });
      expect(inCorner, `${width}x${height}`).toEqual([]);
      expect(camera.scale).toBeGreaterThan(overview(chart, free).scale * 0.7);
    }
  });

  it('keeps the point under the finger while zooming', () => {
    const camera = overview(chart, size);
    const before = toChart(camera, size, 120, 300);
    const after = toChart(zoomAt(camera, size, 3, 120, 300), size, 120, 300);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  });

  it('never loses the hall, however far one pulls', () => {
    const close = { ...overview(chart, size), scale: scaleBounds(chart, size).most };
    const far = clampCamera(panBy(close, -1e7, 1e7), chart, size);
    expect(far.x).toBeLessThanOrEqual(chart.box.right);
    expect(far.y).toBeGreaterThanOrEqual(chart.box.top);
    expect(clampCamera({ ...close, scale: 1e9 }, chart, size).scale).toBe(scaleBounds(chart, size).most);
    expect(clampCamera({ ...close, scale: 0 }, chart, size).scale).toBe(scaleBounds(chart, size).least);
  });

  it('glides from one end to the other', () => {
    const from = overview(chart, size);
    const to = { x: 100, y: 100, scale: from.scale * 8 };
    expect(between(from, to, 0)).toEqual(from);
    const end = between(from, to, 1);
    expect(end.x).toBeCloseTo(to.x, 6);
    expect(end.scale).toBeCloseTo(to.scale, 9);
    expect(between(from, { ...from, x: 900 }, 0.5).x).toBeCloseTo((from.x + 900) / 2, 6);
  });
});
