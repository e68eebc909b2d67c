/** Fingers, mouse, wheel and keys, turned into the few things a map can be asked. */
import type { Direction } from './pick.ts';

export interface GestureTarget {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  /** A finger is less exact than a mouse; `coarse` widens what it hits. */
  tap(x: number, y: number, coarse: boolean): void;
  hover(x: number, y: number): void;
  fling(vx: number, vy: number): void;
  stop(): void;
  step(direction: Direction): void;
  press(): void;
  back(): void;
  zoomStep(by: 1 | -1): void;
}

// A finger that rests still moves a few pixels.
const TAP_SLOP_PX = 8;
const TAP_MS_MAX = 600;
// A trackpad sends pixels, a wheel lines of about 100: both come out at a quarter more per notch.
const WHEEL_RATE = 0.0022;
const PINCH_WHEEL_RATE = 0.012;

const KEYS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

export function listen(el: HTMLElement, target: GestureTarget): () => void {
  const ended = new AbortController();
  const options = { signal: ended.signal };
  const fingers = new Fingers(el, target);
  el.addEventListener('pointerdown', (event) => fingers.down(event), options);
  el.addEventListener('pointermove', (event) => fingers.move(event), options);
  el.addEventListener('pointerup', (event) => fingers.lift(event), options);
  el.addEventListener('pointercancel', (event) => fingers.lift(event), options);
  el.addEventListener('wheel', (event) => turn(el, target, event), { ...options, passive: false });
  el.addEventListener('keydown', (event) => press(target, event), options);
  return () => ended.abort();
}

/** Fingers on the map, and the mouse as one of them: they tap, drag, throw and pinch. */
class Fingers {
  private readonly held = new Map<number, Place>();
  /** The way of a single finger since it came down, in pixels; Infinity once there were two. */
  private moved = 0;
  private pressedAt = 0;
  private velocity = { x: 0, y: 0, at: 0 };

  constructor(
    private readonly el: HTMLElement,
    private readonly target: GestureTarget,
  ) {}

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.el.setPointerCapture(event.pointerId);
    this.held.set(event.pointerId, placeOf(event, this.el));
    if (this.held.size === 1) {
      this.moved = 0;
      this.pressedAt = event.timeStamp;
    } else this.moved = Infinity;
    this.velocity = { x: 0, y: 0, at: event.timeStamp };
    this.target.stop();
  }

  move(event: PointerEvent): void {
    const to = placeOf(event, this.el);
    const from = this.held.get(event.pointerId);
    if (!from) {
      if (event.pointerType === 'mouse') this.target.hover(to.x, to.y);
      return;
    }
    this.held.set(event.pointerId, to);
    if (this.held.size === 1) return this.drag(from, to, event.timeStamp);
    const other = [...this.held].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this.pinch(from, to, other);
  }

  lift(event: PointerEvent): void {
    if (!this.held.delete(event.pointerId) || event.type === 'pointercancel') return;
    const at = placeOf(event, this.el);
    const { x, y, at: movedAt } = this.velocity;
    if (this.moved < TAP_SLOP_PX && event.timeStamp - this.pressedAt < TAP_MS_MAX) {
      this.target.tap(at.x, at.y, event.pointerType !== 'mouse');
    } else if (this.held.size === 0 && event.timeStamp - movedAt < 60) this.target.fling(x, y);
  }

  private drag(from: Place, to: Place, now: number): void {
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    this.moved += Math.hypot(dx, dy);
    if (this.moved < TAP_SLOP_PX) return;
    this.target.pan(dx, dy);
    const { x, y, at } = this.velocity;
    const span = Math.max(1, now - at);
    this.velocity = { x: 0.6 * x + (0.4 * dx) / span, y: 0.6 * y + (0.4 * dy) / span, at: now };
  }

  private pinch(from: Place, to: Place, other: Place): void {
    const before = Math.hypot(from.x - other.x, from.y - other.y);
    const after = Math.hypot(to.x - other.x, to.y - other.y);
    this.target.pan((to.x - from.x) / 2, (to.y - from.y) / 2);
    if (before > 0) this.target.zoom(after / before, (to.x + other.x) / 2, (to.y + other.y) / 2);
  }
}

function turn(el: HTMLElement, target: GestureTarget, event: WheelEvent): void {
  event.preventDefault();
  const { x, y } = placeOf(event, el);
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
  const rate = event.ctrlKey ? PINCH_WHEEL_RATE : WHEEL_RATE;
  target.zoom(Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) * rate), x, y);
}

function press(target: GestureTarget, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = KEYS[event.key];
  if (direction) target.step(direction);
  else if (event.key === 'Enter' || event.key === ' ') target.press();
  else if (event.key === 'Escape') target.back();
  else if (event.key === '+' || event.key === '=') target.zoomStep(1);
  else if (event.key === '-') target.zoomStep(-1);
  else return;
  event.preventDefault();
}

interface Place {
  x: number;
  y: number;
}

function placeOf(event: MouseEvent, el: HTMLElement): Place {
  const box = el.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
