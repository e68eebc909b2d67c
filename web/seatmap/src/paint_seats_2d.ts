/** Seats without WebGL: one path a colour, only what is in view. */
import type { Plan } from './plan.ts';
import type { SeatPainter } from './paint_seats.ts';
import { isShown, type MapState } from './state.ts';
import { css, mix, parseColour, type Theme } from './theme.ts';
import { FREE } from './types.ts';

export function createSeatPainter2d(canvas: HTMLCanvasElement): SeatPainter {
  const context = canvas.getContext('2d');
  return {
    update: () => undefined,
    paint(state, plan, theme, ratio) {
      if (!context) return;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      if (plan.seatAlpha === 0) return;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.globalAlpha = plan.seatAlpha;
      for (const [colour, path] of sortByColour(state, plan, theme)) {
        context.fillStyle = colour;
        context.fill(path);
      }
      context.globalAlpha = 1;
    },
    destroy: () => undefined,
  };
}

function sortByColour(state: MapState, plan: Plan, theme: Theme): Map<string, Path2D> {
  const { chart, camera, size } = state;
  const bright = chart.categories.map((category) => css(parseColour(category.color)));
  const faint = chart.categories.map((category) =>
    css(mix(theme.section, parseColour(category.color), 0.25)),
  );
  const gone = css(theme.gone);
  const paths = new Map<string, Path2D>();
  const radius = plan.seatPx / 2;
  for (const [first, count] of plan.runs) {
    for (let seat = first; seat < first + count; seat++) {
      const x = ((chart.x[seat] ?? 0) - camera.x) * camera.scale + size.width / 2;
      const y = ((chart.y[seat] ?? 0) - camera.y) * camera.scale + size.height / 2;
      if (x < -radius || y < -radius || x > size.width + radius || y > size.height + radius) continue;
      const free = state.states[seat] === FREE || state.own.has(seat);
      const category = chart.category[seat] ?? 0;
      const colour = (free ? (isShown(state, seat) ? bright : faint)[category] : gone) ?? gone;
      let path = paths.get(colour);
      if (!path) paths.set(colour, (path = new Path2D()));
      const r = free ? radius : radius * 0.6;
      // Small seats are squares: four corners instead of an arc, and nobody can tell.
      if (plan.seatPx < 7) path.rect(x - r, y - r, 2 * r, 2 * r);
      else {
        path.moveTo(x + r, y);
        path.arc(x, y, r, 0, 2 * Math.PI);
      }
    }
  }
  return paths;
}
