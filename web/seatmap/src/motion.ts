/** How the camera moves: at once, gliding to where it was sent, or drifting on after a throw. */
import {
  between,
  clampCamera,
  overGroup,
  overSeats,
  overview,
  panBy,
  scaleBounds,
  zoomAt,
} from './camera.ts';
import type { MapState } from './state.ts';
import type { Camera } from './types.ts';

const GLIDE_MS = 420;
const ZOOM_STEP = 1.8;
const FLING_FRICTION = 0.0042;
// Slower than this, in pixels a millisecond, a throw was none, and a drift has ended.
const FLING_LEAST = 0.15;
const DRIFT_LEAST = 0.02;

export class Motion {
  /** All of the chart is in the picture, and stays so when the picture changes its size. */
  whole = true;
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');
  private glide: { from: Camera; to: Camera; since: number } | null = null;
  private drift: { x: number; y: number; at: number } | null = null;

  /** `ask` is called whenever the picture must be made again. */
  constructor(
    private readonly state: MapState,
    private readonly ask: () => void,
  ) {}

  get underWay(): boolean {
    return this.glide !== null || this.drift !== null;
  }

  move(camera: Camera): void {
    const { chart, size } = this.state;
    this.state.camera = clampCamera(camera, chart, size);
    this.whole = this.state.camera.scale <= overview(chart, size).scale * 1.001;
    this.ask();
  }

  glideTo(camera: Camera): void {
    this.drift = null;
    const { chart, size } = this.state;
    const to = clampCamera(camera, chart, size);
    if (this.calm.matches || size.width === 0) return this.move(to);
    this.glide = { from: this.state.camera, to, since: performance.now() };
    this.ask();
  }

  pan(dx: number, dy: number): void {
    this.move(panBy(this.state.camera, dx, dy));
  }

  /** Scales by `factor`, within bounds, around a point of the picture. */
  zoom(factor: number, x: number, y: number): void {
    const { chart, size, camera } = this.state;
    const { least, most } = scaleBounds(chart, size);
    const bounded = Math.max(least, Math.min(most, camera.scale * factor)) / camera.scale;
    this.move(zoomAt(camera, size, bounded, x, y));
  }

  /** One step nearer or farther; from where a glide ends, so that presses add up. */
  zoomStep(by: 1 | -1): void {
    const { camera, size } = this.state;
    const factor = by === 1 ? ZOOM_STEP : 1 / ZOOM_STEP;
    this.glideTo(zoomAt(this.glide?.to ?? camera, size, factor, size.width / 2, size.height / 2));
  }

  showAll(): void {
    this.glideTo(overview(this.state.chart, this.state.size));
  }

  showGroup(index: number): void {
    const group = this.state.chart.groups[index];
    if (group) this.glideTo(overGroup(group, this.state.chart, this.state.size));
  }

  showSeats(seats: readonly number[]): void {
    if (seats.length > 0) this.glideTo(overSeats(seats, this.state.chart, this.state.size));
  }

  /** Goes on at a speed in pixels a millisecond. */
  fling(vx: number, vy: number): void {
    if (this.calm.matches || Math.hypot(vx, vy) < FLING_LEAST) return;
    this.drift = { x: vx, y: vy, at: performance.now() };
    this.ask();
  }

  stop(): void {
    this.glide = null;
    this.drift = null;
  }

  /** The way of one frame. */
  advance(now: number): void {
    if (this.glide) {
      const share = Math.min(1, Math.max(0, (now - this.glide.since) / GLIDE_MS));
      const { from, to } = this.glide;
      if (share === 1) this.glide = null;
      this.move(share === 1 ? to : between(from, to, 1 - (1 - share) ** 3));
    }
    if (this.drift) {
      const span = Math.min(50, Math.max(0, now - this.drift.at));
      const slower = Math.exp(-FLING_FRICTION * span);
      const { x, y } = this.drift;
      this.drift = Math.hypot(x, y) < DRIFT_LEAST ? null : { x: x * slower, y: y * slower, at: now };
      this.pan(x * span, y * span);
    }
  }
}
