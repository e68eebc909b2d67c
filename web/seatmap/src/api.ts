/** `init` puts a seat map into an element and answers with the only handle on it. */
import { aimedAt, groupLookedAt, isOver } from './aim.ts';
import { overview } from './camera.ts';
import {
  applyBatches,
  applySnapshot,
  clearSelection,
  setFilter,
  setOwn,
  settleFading,
  toggleSeat,
  type Applied,
  type Toggled,
} from './changes.ts';
import { Cursor } from './cursor.ts';
import { listen, type GestureTarget } from './gestures.ts';
import type { MapWords } from './labels.ts';
import { Motion } from './motion.ts';
import { FADE_MS } from './paint_seats.ts';
import { createGrid, type SeatGrid } from './pick.ts';
import { plan } from './plan.ts';
import { createStage, type Stage } from './stage.ts';
import { createState, type MapState } from './state.ts';
import type { Batch, Chart, Filter, Snapshot } from './types.ts';

export interface Options {
  el: HTMLElement;
  chart: Chart;
  snapshot: Snapshot;
  words: MapWords;
  /** How much of the lower right corner the page covers, in CSS pixels. */
  corner?: { width: number; height: number };
  /** Places one order may have. */
  most: number;
  /** Places chosen outside the map (standing), which count towards `most`. */
  others?: () => number;
  /** Whether anything can be chosen at present; without it, always. */
  may?: () => boolean;
  /** Something about seats or choice is different: read it again. */
  onChange?: () => void;
  onToggle?: (toggled: Toggled) => void;
  /** Chosen seats that somebody else has got. */
  onLost?: (seats: number[]) => void;
  onArea?: (index: number) => void;
  /** The keyboard stands on a section (seat -1) or a seat. */
  onCursor?: (group: number, seat: number) => void;
  /** The section in the middle of the picture once seats are seen, else -1. */
  onLook?: (group: number) => void;
}

export interface SeatMap {
  readonly state: Readonly<MapState>;
  batches(batches: readonly Batch[]): void;
  snapshot(snapshot: Snapshot): void;
  toggle(seat: number): Toggled;
  select(seats: readonly number[]): void;
  clear(): void;
  own(seats: readonly number[]): void;
  filter(filter: Filter): void;
  zoomIn(): void;
  zoomOut(): void;
  showAll(): void;
  showGroup(group: number): void;
  showSeats(seats: readonly number[]): void;
  destroy(): void;
}

// More changed seats than these are painted anew all together.
const CHANGED_SINGLY_MAX = 2000;

const shut = (seat: number): Toggled => ({ did: 'refused', why: 'shut', seats: [seat] });

export function init(options: Options): SeatMap {
  return new Picture(options);
}

class Picture implements SeatMap {
  readonly state: MapState;
  private readonly grid: SeatGrid;
  private readonly motion: Motion;
  private readonly cursor: Cursor;
  private readonly quiet: () => void;
  private readonly watcher: ResizeObserver;
  private stage: Stage | null;
  private frame = 0;
  private looked = -2;

  constructor(private readonly options: Options) {
    const { el, chart } = options;
    const ask = (): void => this.ask();
    this.state = createState(chart, options.snapshot);
    this.grid = createGrid(chart);
    this.motion = new Motion(this.state, ask);
    this.cursor = new Cursor(this.state, this.motion, {
      toggle: (seat) => void this.toggle(seat),
      onCursor: (group, seat) => options.onCursor?.(group, seat),
      ask,
    });
    this.stage = createStage(el, this.state, ask);
    this.quiet = listen(el, this.gestures());
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(el);
    this.resize();
  }

  batches(batches: readonly Batch[]): void {
    this.settle(applyBatches(this.state, batches, performance.now()));
  }

  snapshot(snapshot: Snapshot): void {
    this.settle(applySnapshot(this.state, snapshot));
  }

  toggle(seat: number): Toggled {
    const toggled = this.mayToggle(seat) ? this.toggled(seat) : shut(seat);
    this.options.onToggle?.(toggled);
    if (toggled.did !== 'refused') this.options.onChange?.();
    this.ask();
    return toggled;
  }

  select(seats: readonly number[]): void {
    // A table sold whole is chosen with its first seat, and must not be let go with its second.
    for (const seat of seats) if (!this.state.selected.has(seat)) this.toggled(seat);
    this.options.onChange?.();
    this.ask();
  }

  clear(): void {
    clearSelection(this.state);
    this.options.onChange?.();
    this.ask();
  }

  own(seats: readonly number[]): void {
    setOwn(this.state, seats);
    this.stage?.update(this.state, null);
    this.ask();
  }

  filter(filter: Filter): void {
    setFilter(this.state, filter);
    this.stage?.update(this.state, null);
    this.ask();
    this.options.onChange?.();
  }

  zoomIn(): void {
    this.motion.zoomStep(1);
  }

  zoomOut(): void {
    this.motion.zoomStep(-1);
  }

  showAll(): void {
    this.motion.showAll();
  }

  showGroup(group: number): void {
    this.motion.showGroup(group);
  }

  showSeats(seats: readonly number[]): void {
    this.motion.showSeats(seats);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
    this.quiet();
    this.stage?.destroy();
    this.stage = null;
  }

  private gestures(): GestureTarget {
    const { state, motion, cursor, grid, options } = this;
    return {
      pan: (dx, dy) => motion.pan(dx, dy),
      zoom: (factor, x, y) => motion.zoom(factor, x, y),
      tap: (x, y, coarse) => this.tap(x, y, coarse),
      hover: (x, y) => {
        options.el.style.cursor = isOver(state, grid, x, y) ? 'pointer' : 'grab';
      },
      fling: (vx, vy) => motion.fling(vx, vy),
      stop: () => motion.stop(),
      step: (direction) => cursor.step(direction),
      press: () => cursor.press(),
      back: () => cursor.back(),
      zoomStep: (by) => motion.zoomStep(by),
    };
  }

  private tap(x: number, y: number, coarse: boolean): void {
    this.state.cursor = null;
    const aim = aimedAt(this.state, this.grid, x, y, coarse);
    if (aim?.at === 'seat') this.toggle(aim.index);
    else if (aim?.at === 'group') this.motion.showGroup(aim.index);
    else if (aim?.at === 'area') this.options.onArea?.(aim.index);
  }

  // Letting go is always possible.
  private mayToggle(seat: number): boolean {
    return this.state.selected.has(seat) || (this.options.may?.() ?? true);
  }

  private toggled(seat: number): Toggled {
    return toggleSeat(this.state, seat, this.options.most, this.options.others?.() ?? 0);
  }

  private settle(applied: Applied): void {
    const singly = applied.changed.length <= CHANGED_SINGLY_MAX;
    this.stage?.update(this.state, singly ? applied.changed : null);
    this.ask();
    if (applied.lost.length > 0) this.options.onLost?.(applied.lost);
    if (applied.changed.length > 0) this.options.onChange?.();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.options.el;
    if (width === 0 || height === 0) return;
    const first = this.state.size.width === 0;
    const { corner } = this.options;
    this.state.size = { width, height, ...(corner ? { corner } : {}) };
    this.stage?.resize(this.state.size);
    const whole = first || this.motion.whole;
    this.motion.move(whole ? overview(this.state.chart, this.state.size) : this.state.camera);
    // Painted in this very turn: a canvas whose size was set is empty until somebody paints it.
    cancelAnimationFrame(this.frame);
    this.draw(performance.now());
  }

  private ask(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame((now) => this.draw(now));
  }

  private draw(now: number): void {
    this.frame = 0;
    const { state, stage, motion, options } = this;
    if (state.size.width === 0 || !stage) return;
    motion.advance(now);
    const fading = settleFading(state, now, FADE_MS);
    stage.paint(state, plan(state, options.words, stage.theme), now);
    const group = groupLookedAt(state);
    if (group !== this.looked) options.onLook?.((this.looked = group));
    if (motion.underWay || fading) this.ask();
  }
}
