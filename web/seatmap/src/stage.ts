/** The three canvases of the picture: ground, seats, words. */
import { createGroundPainter, type GroundPainter } from './paint_ground.ts';
import { paintLabels } from './paint_labels.ts';
import type { SeatPainter } from './paint_seats.ts';
import { createSeatPainter2d } from './paint_seats_2d.ts';
import { createSeatPainterGl } from './paint_seats_gl.ts';
import type { Plan } from './plan.ts';
import type { MapState } from './state.ts';
import { readTheme, type Theme } from './theme.ts';
import type { Size } from './types.ts';

// More than two device pixels a pixel cannot be told apart in discs, but costs twice the fill.
const RATIO_MAX = 2;

export interface Stage {
  readonly theme: Theme;
  resize(size: Size): void;
  update(state: MapState, seats: readonly number[] | null): void;
  paint(state: MapState, plan: Plan, now: number): void;
  destroy(): void;
}

/** `repaint` is called when the picture must be made again: another colour scheme, a lost graphics context. */
export function createStage(el: HTMLElement, state: MapState, repaint: () => void): Stage {
  return new Canvases(el, state, repaint);
}

class Canvases implements Stage {
  theme: Theme;
  private readonly ground = layer();
  private readonly words = layer();
  private readonly groundContext = context2d(this.ground);
  private readonly wordsContext = context2d(this.words);
  private readonly groundPainter: GroundPainter;
  private readonly ended = new AbortController();
  private seats = layer();
  private painter: SeatPainter;
  private ratio = 1;

  constructor(
    private readonly el: HTMLElement,
    private readonly state: MapState,
    private readonly repaint: () => void,
  ) {
    el.append(this.ground, this.seats, this.words);
    this.groundPainter = createGroundPainter(state.chart);
    this.theme = readTheme(el);
    this.painter = this.start();
    this.watch();
  }

  resize(size: Size): void {
    this.ratio = Math.min(RATIO_MAX, devicePixelRatio || 1);
    for (const canvas of [this.ground, this.seats, this.words]) {
      canvas.width = Math.round(size.width * this.ratio);
      canvas.height = Math.round(size.height * this.ratio);
    }
  }

  update(now: MapState, changed: readonly number[] | null): void {
    this.painter.update(now, changed);
  }

  paint(now: MapState, plan: Plan, time: number): void {
    const { theme, ratio } = this;
    this.groundPainter.paint(this.groundContext, now, plan, theme, ratio);
    this.painter.paint(now, plan, theme, ratio, time);
    paintLabels(this.wordsContext, now, plan, theme, ratio);
  }

  destroy(): void {
    this.ended.abort();
    this.painter.destroy();
    for (const canvas of [this.ground, this.seats, this.words]) canvas.remove();
  }

  private start(): SeatPainter {
    let made: SeatPainter;
    try {
      made = createSeatPainterGl(this.seats, this.state);
    } catch {
      // A canvas that was asked for WebGL once gives no 2D context any more.
      const fresh = layer();
      fresh.width = this.seats.width;
      fresh.height = this.seats.height;
      this.seats.replaceWith(fresh);
      this.seats = fresh;
      made = createSeatPainter2d(fresh);
    }
    made.update(this.state, null);
    return made;
  }

  private watch(): void {
    const options = { signal: this.ended.signal };
    this.seats.addEventListener('webglcontextlost', (event) => event.preventDefault(), options);
    const restored = (): void => {
      this.painter = this.start();
      this.repaint();
    };
    this.seats.addEventListener('webglcontextrestored', restored, options);
    const recoloured = (): void => {
      this.theme = readTheme(this.el);
      this.repaint();
    };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recoloured, options);
  }
}

function layer(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  Object.assign(canvas.style, {
    position: 'absolute',
    inset: '0',
    width: '100%',
    height: '100%',
    pointerEvents: 'none',
  });
  return canvas;
}

function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  return context;
}
