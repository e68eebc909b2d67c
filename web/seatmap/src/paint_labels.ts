/** Everything that lies over the seats: words, numbers, the reader's own choice. */
import { toPicture } from './camera.ts';
import { LINE_HEIGHT } from './labels.ts';
import type { Plan } from './plan.ts';
import { isChoosable } from './changes.ts';
import { isShown, type MapState } from './state.ts';
import { css, inkOn, parseColour, type Theme } from './theme.ts';
import { FLAG } from './types.ts';

const WHEELCHAIR = '♿︎';
const SIGN_WITH_NUMBER_PX = 12;

export function paintLabels(
  context: CanvasRenderingContext2D,
  state: MapState,
  plan: Plan,
  theme: Theme,
  ratio: number,
): void {
  const { size } = state;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, size.width * ratio, size.height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  if (plan.showSeatNumbers) paintNumbers(context, state, plan, theme);
  if (plan.showRowNames) paintRowNames(context, state, plan, theme);
  paintWords(context, plan, theme);
  paintSelected(context, state, plan, theme);
  paintCursor(context, state, plan, theme);
}

function paintWords(context: CanvasRenderingContext2D, plan: Plan, theme: Theme): void {
  for (const label of plan.labels) {
    const height = label.lines.reduce((sum, line) => sum + line.px * LINE_HEIGHT, 0);
    context.save();
    context.translate(label.x, label.y);
    if (label.turned) context.rotate(-Math.PI / 2);
    let y = -height / 2;
    if (label.plate) {
      const { width, height: high } = label.plate;
      context.fillStyle = css(label.ground, 0.92);
      context.beginPath();
      context.roundRect(-width / 2, -high / 2, width, high, high / 2);
      context.fill();
    }
    // Seats begin to show through: the words keep a rim of their ground.
    const haloed = plan.seatAlpha > 0 && !label.plate;
    context.lineWidth = 4;
    context.lineJoin = 'round';
    context.strokeStyle = css(label.ground, 0.8);
    context.fillStyle = css(label.ink);
    for (const line of label.lines) {
      y += (line.px * LINE_HEIGHT) / 2;
      context.font = `${line.bold ? 700 : 500} ${line.px}px ${theme.font}`;
      if (haloed) context.strokeText(line.text, 0, y);
      context.fillText(line.text, 0, y);
      y += (line.px * LINE_HEIGHT) / 2;
    }
    context.restore();
  }
}

function eachSeat(state: MapState, plan: Plan, visit: (seat: number, x: number, y: number) => void): void {
  const { chart, camera, size } = state;
  const margin = plan.seatPx;
  for (const [first, count] of plan.runs) {
    for (let seat = first; seat < first + count; seat++) {
      const x = ((chart.x[seat] ?? 0) - camera.x) * camera.scale + size.width / 2;
      const y = ((chart.y[seat] ?? 0) - camera.y) * camera.scale + size.height / 2;
      if (x < -margin || y < -margin || x > size.width + margin || y > size.height + margin) continue;
      visit(seat, x, y);
    }
  }
}

function paintNumbers(context: CanvasRenderingContext2D, state: MapState, plan: Plan, theme: Theme): void {
  const { chart } = state;
  const inks = chart.categories.map((category) => css(inkOn(parseColour(category.color))));
  const px = Math.min(15, plan.seatPx * 0.44);
  context.font = `600 ${px}px ${theme.font}`;
  eachSeat(state, plan, (seat, x, y) => {
    if (!isChoosable(state, seat) || !isShown(state, seat) || state.selected.has(seat)) return;
    const flags = chart.flags[seat] ?? 0;
    const group = chart.groups[chart.groupOf[seat] ?? 0];
    const row = group?.rows.findLast((one) => one.first <= seat);
    if (!row) return;
    context.fillStyle = inks[chart.category[seat] ?? 0] ?? css(theme.ink);
    const number = row.label(seat - row.first);
    if (flags & FLAG.wheelchair) paintWheelchair(context, number, x, y, px, theme);
    else context.fillText(flags & FLAG.companion ? `+${number}` : number, x, y + px * 0.04);
  });
}

// The sign alone as long as there is no room for a number that can be read below it.
function paintWheelchair(
  context: CanvasRenderingContext2D,
  number: string,
  x: number,
  y: number,
  px: number,
  theme: Theme,
): void {
  if (px < SIGN_WITH_NUMBER_PX) {
    context.fillText(WHEELCHAIR, x, y + px * 0.04);
    return;
  }
  const usual = context.font;
  context.font = `600 ${px * 0.8}px ${theme.font}`;
  context.fillText(WHEELCHAIR, x, y - px * 0.42);
  context.fillText(number, x, y + px * 0.5);
  context.font = usual;
}

function paintRowNames(context: CanvasRenderingContext2D, state: MapState, plan: Plan, theme: Theme): void {
  const { chart, camera, size } = state;
  const px = Math.max(10, Math.min(14, plan.seatPx * 0.62));
  context.font = `600 ${px}px ${theme.font}`;
  context.fillStyle = css(theme.ink, 0.72);
  for (const { index } of plan.groups) {
    for (const row of chart.groups[index]?.rows ?? []) {
      if (!row.name || row.count < 2) continue;
      for (const [end, beside] of [
        [row.first, row.first + 1],
        [row.first + row.count - 1, row.first + row.count - 2],
      ] as const) {
        // One seat's width beyond the end, in the row's own direction.
        const step = 0.98;
        const x = (chart.x[end] ?? 0) + ((chart.x[end] ?? 0) - (chart.x[beside] ?? 0)) * step;
        const y = (chart.y[end] ?? 0) + ((chart.y[end] ?? 0) - (chart.y[beside] ?? 0)) * step;
        const at = toPicture(camera, size, x, y);
        if (at.x < 0 || at.y < 0 || at.x > size.width || at.y > size.height) continue;
        context.fillText(row.name, at.x, at.y);
      }
    }
  }
}

// Chosen seats are larger, carry a ring and a tick: shape and size say it before colour does.
function paintSelected(context: CanvasRenderingContext2D, state: MapState, plan: Plan, theme: Theme): void {
  const { chart, camera, size } = state;
  const radius = Math.max(5, plan.seatPx * 0.56);
  for (const seat of state.selected) {
    const { x, y } = toPicture(camera, size, chart.x[seat] ?? 0, chart.y[seat] ?? 0);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = css(theme.accent);
    context.fill();
    context.lineWidth = Math.max(1.5, radius * 0.16);
    context.strokeStyle = css(theme.paper);
    context.stroke();
    context.beginPath();
    context.moveTo(x - radius * 0.42, y + radius * 0.02);
    context.lineTo(x - radius * 0.1, y + radius * 0.34);
    context.lineTo(x + radius * 0.44, y - radius * 0.32);
    context.lineWidth = Math.max(1.5, radius * 0.2);
    context.strokeStyle = css(theme.accentInk);
    context.stroke();
  }
}

function paintCursor(context: CanvasRenderingContext2D, state: MapState, plan: Plan, theme: Theme): void {
  const seat = state.cursor?.seat ?? -1;
  if (seat < 0) return;
  const { x, y } = toPicture(state.camera, state.size, state.chart.x[seat] ?? 0, state.chart.y[seat] ?? 0);
  const half = Math.max(8, plan.seatPx * 0.72);
  context.lineWidth = 3;
  context.strokeStyle = css(theme.ink);
  context.strokeRect(x - half, y - half, half * 2, half * 2);
}
