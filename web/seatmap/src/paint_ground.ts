/** Everything that lies under the seats: stage, sections, tables, standing areas. */
import type { Plan } from './plan.ts';
import type { MapState } from './state.ts';
import { areaAt, groupAt } from './pick.ts';
import { css, inkOn, mix, type Theme } from './theme.ts';
import type { Chart, Point } from './types.ts';

export interface GroundPainter {
  paint(context: CanvasRenderingContext2D, state: MapState, plan: Plan, theme: Theme, ratio: number): void;
}

export function createGroundPainter(chart: Chart): GroundPainter {
  // Paths are made once in centimetres; the canvas scales them.
  const groups = chart.groups.map((group) => trace(group.outline));
  const areas = chart.areas.map((area) => trace(area.outline));
  const objects = chart.objects.map((object) => trace(object.outline));
  return {
    paint(context, state, plan, theme, ratio) {
      const { camera, size } = state;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = css(theme.ground);
      context.fillRect(0, 0, size.width * ratio, size.height * ratio);
      const scale = camera.scale * ratio;
      context.setTransform(
        scale,
        0,
        0,
        scale,
        (size.width / 2) * ratio - camera.x * scale,
        (size.height / 2) * ratio - camera.y * scale,
      );
      const hair = 1 / camera.scale;
      context.lineWidth = hair;
      context.lineJoin = 'round';
      objects.forEach((path) => {
        context.fillStyle = css(theme.object);
        context.fill(path);
      });
      for (const { index, fill } of plan.areas) {
        const path = areas[index];
        if (!path) continue;
        context.fillStyle = css(fill);
        context.fill(path);
      }
      for (const { index, fill, alpha } of plan.groups) {
        const path = groups[index];
        if (!path) continue;
        context.fillStyle = css(mix(theme.section, fill, alpha));
        context.fill(path);
        outline(context, path, css(theme.ground), hair * 1.5);
        if (state.cursor?.group === index) outline(context, path, css(theme.accent), hair * 3);
      }
      nameObjects(context, state, theme, ratio);
    },
  };
}

function outline(context: CanvasRenderingContext2D, path: Path2D, colour: string, width: number): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

function nameObjects(context: CanvasRenderingContext2D, state: MapState, theme: Theme, ratio: number): void {
  const { camera, size, chart } = state;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = css(inkOn(theme.object), 0.75);
  for (const object of chart.objects) {
    const xs = object.outline.map(([x]) => x);
    const ys = object.outline.map(([, y]) => y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    // A field that carries a standing area is named by the area.
    const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
    if (areaAt(chart, middleX, middleY) >= 0 || groupAt(chart, middleX, middleY) >= 0) continue;
    const upright = bottom - top > (right - left) * 1.3;
    const long = Math.max(right - left, bottom - top) * camera.scale;
    const short = Math.min(right - left, bottom - top) * camera.scale;
    const px = Math.min(22, short * 0.5, (long / Math.max(1, object.label.length)) * 1.3);
    if (px < 8) continue;
    context.save();
    context.translate(
      (middleX - camera.x) * camera.scale + size.width / 2,
      (middleY - camera.y) * camera.scale + size.height / 2,
    );
    if (upright) context.rotate(-Math.PI / 2);
    context.font = `600 ${px}px ${theme.font}`;
    context.fillText(object.label, 0, 0);
    context.restore();
  }
}

function trace(outline: readonly Point[]): Path2D {
  const path = new Path2D();
  outline.forEach(([x, y], index) => (index === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return path;
}
