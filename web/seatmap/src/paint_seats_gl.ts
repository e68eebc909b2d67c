/** Seats in WebGL2: one small square a seat, its look decided on the graphics chip. */
import type { Plan } from './plan.ts';
import { FADE_MS, type SeatPainter } from './paint_seats.ts';
import { isShown, type MapState } from './state.ts';
import { parseColour, type Rgb, type Theme } from './theme.ts';
import { FLAG, FREE, HELD, type Chart } from './types.ts';

// A chart has a handful of prices; the shader's table has room for this many.
const CATEGORIES_MAX = 32;
const FLOATS_A_SEAT = 2;
const BYTES_A_SEAT = 4;

const LOOK = { free: 0, held: 1, gone: 2, freeSquare: 3 } as const;

const VERTEX = `#version 300 es
in vec2 corner;
in vec2 at;
in uvec4 look; // now, before, category, dimmed
in float since;
uniform vec2 centre, half_size;
uniform float scale, size, now, fade;
out vec2 point;
flat out uvec4 seat;
out float share;
void main() {
  point = corner;
  seat = look;
  share = clamp((now - since) / fade, 0.0, 1.0);
  vec2 px = (at - centre) * scale + corner * (size * 0.5 + 1.0);
  gl_Position = vec4(px.x / half_size.x, -px.y / half_size.y, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 point;
flat in uvec4 seat;
in float share;
uniform vec3 palette[${CATEGORIES_MAX}];
uniform vec3 gone, ground;
uniform float size, alpha;
out vec4 colour;
vec4 looks(uint kind, vec3 tint, vec2 p, float r) {
  float disc = length(p);
  if (kind == 3u) { vec2 q = abs(p) - r * 0.62; disc = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) + r * 0.62; }
  float edge = 1.0 - smoothstep(r - 0.75, r + 0.75, disc);
  if (kind == 2u) return vec4(gone, 1.0 - smoothstep(r * 0.55 - 0.75, r * 0.55 + 0.75, disc));
  if (kind == 1u) {
    float hole = 1.0 - smoothstep(r * 0.55 - 0.75, r * 0.55 + 0.75, disc);
    return vec4(gone, (edge - hole) * 0.9);
  }
  return vec4(tint, edge);
}
void main() {
  float r = size * 0.5;
  vec2 p = point * (r + 1.0);
  vec3 tint = palette[min(seat.z, ${CATEGORIES_MAX - 1}u)];
  if (seat.w > 0u) tint = mix(ground, tint, 0.22);
  vec4 was = looks(seat.y, tint, p, r);
  vec4 is = looks(seat.x, tint, p, r);
  // A seat that is taken shrinks out of its colour instead of vanishing.
  vec4 mixed = mix(was, is, share);
  colour = vec4(mixed.rgb * mixed.a, mixed.a) * alpha;
}`;

const UNIFORMS = [
  'centre',
  'half_size',
  'scale',
  'size',
  'now',
  'fade',
  'gone',
  'ground',
  'alpha',
  'palette',
] as const;
const ATTRIBUTES = ['corner', 'at', 'look', 'since'] as const;

type Named<Names extends readonly string[], Value> = Record<Names[number], Value>;

/** Throws when the browser has no WebGL2; the caller then paints in 2D. */
export function createSeatPainterGl(canvas: HTMLCanvasElement, state: MapState): SeatPainter {
  const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, premultipliedAlpha: true });
  if (!gl) throw new Error('no WebGL2');
  return new Painter(gl, canvas, state.chart);
}

class Painter implements SeatPainter {
  private readonly started = performance.now();
  private readonly looks: Uint8Array;
  private readonly since: Float32Array;
  private readonly middle: { x: number; y: number };
  private readonly buffers: Record<'corners' | 'positions' | 'looks' | 'since', WebGLBuffer | null>;
  private readonly at: Named<typeof UNIFORMS, WebGLUniformLocation | null>;
  private readonly slots: Named<typeof ATTRIBUTES, number>;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly canvas: HTMLCanvasElement,
    private readonly chart: Chart,
  ) {
    const program = link(gl);
    const { box, seatCount } = chart;
    this.looks = new Uint8Array(seatCount * BYTES_A_SEAT);
    this.since = new Float32Array(seatCount).fill(-1e6);
    this.middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
    this.buffers = {
      corners: fill(gl, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1])),
      positions: fill(gl, positions(chart, this.middle)),
      looks: fill(gl, this.looks),
      since: fill(gl, this.since),
    };
    this.at = named(UNIFORMS, (name) => gl.getUniformLocation(program, name));
    this.slots = named(ATTRIBUTES, (name) => gl.getAttribLocation(program, name));
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.bindCorners();
  }

  update(now: MapState, seats: readonly number[] | null): void {
    const { seatCount } = this.chart;
    if (seats === null) {
      for (let seat = 0; seat < seatCount; seat++) this.write(now, seat);
      this.upload(0, seatCount);
      return;
    }
    let low = Infinity;
    let high = -1;
    for (const seat of seats) {
      if (seat >= seatCount) continue;
      this.write(now, seat);
      low = Math.min(low, seat);
      high = Math.max(high, seat);
    }
    // One upload of the span: a burst touches seats everywhere, and a call each costs more than the bytes.
    if (high >= 0) this.upload(low, high - low + 1);
  }

  paint(now: MapState, plan: Plan, theme: Theme, ratio: number, time: number): void {
    const { gl, canvas, buffers, slots } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (plan.seatAlpha === 0 || plan.runs.length === 0) return;
    this.setUniforms(now, plan, theme, ratio, time);
    for (const [first, count] of plan.runs) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.positions);
      gl.vertexAttribPointer(slots.at, 2, gl.FLOAT, false, 0, first * 8);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.looks);
      gl.vertexAttribIPointer(slots.look, 4, gl.UNSIGNED_BYTE, 0, first * BYTES_A_SEAT);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.since);
      gl.vertexAttribPointer(slots.since, 1, gl.FLOAT, false, 0, first * 4);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
    }
  }

  destroy(): void {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private bindCorners(): void {
    const { gl, buffers, slots } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.corners);
    gl.enableVertexAttribArray(slots.corner);
    gl.vertexAttribPointer(slots.corner, 2, gl.FLOAT, false, 0, 0);
    for (const one of [slots.at, slots.look, slots.since]) {
      gl.enableVertexAttribArray(one);
      gl.vertexAttribDivisor(one, 1);
    }
  }

  private write(now: MapState, seat: number): void {
    const { chart, looks } = this;
    const look = lookOf(now, chart, seat);
    const fading = now.fading.get(seat);
    looks[4 * seat] = look;
    looks[4 * seat + 1] = fading ? (fading.from === FREE ? LOOK.free : LOOK.gone) : look;
    looks[4 * seat + 2] = chart.category[seat] ?? 0;
    looks[4 * seat + 3] = isShown(now, seat) ? 0 : 1;
    this.since[seat] = fading ? fading.since - this.started : -1e6;
  }

  private upload(first: number, count: number): void {
    const { gl, buffers, looks, since } = this;
    const from = first * BYTES_A_SEAT;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.looks);
    gl.bufferSubData(gl.ARRAY_BUFFER, from, looks, from, count * BYTES_A_SEAT);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.since);
    gl.bufferSubData(gl.ARRAY_BUFFER, first * 4, since, first, count);
  }

  private setUniforms(now: MapState, plan: Plan, theme: Theme, ratio: number, time: number): void {
    const { gl, at, middle } = this;
    const { camera, size } = now;
    gl.uniform2f(at.centre, camera.x - middle.x, camera.y - middle.y);
    gl.uniform2f(at.half_size, (size.width * ratio) / 2, (size.height * ratio) / 2);
    gl.uniform1f(at.scale, camera.scale * ratio);
    gl.uniform1f(at.size, plan.seatPx * ratio);
    gl.uniform1f(at.now, time - this.started);
    gl.uniform1f(at.fade, FADE_MS);
    gl.uniform1f(at.alpha, plan.seatAlpha);
    gl.uniform3f(at.gone, ...unit(theme.gone));
    gl.uniform3f(at.ground, ...unit(theme.section));
    const table = new Float32Array(CATEGORIES_MAX * 3);
    this.chart.categories
      .slice(0, CATEGORIES_MAX)
      .forEach((one, i) => table.set(unit(parseColour(one.color)), 3 * i));
    gl.uniform3fv(at.palette, table);
  }
}

function lookOf(now: MapState, chart: Chart, seat: number): number {
  if (now.states[seat] !== FREE && !now.own.has(seat))
    return now.states[seat] === HELD ? LOOK.held : LOOK.gone;
  const square = ((chart.flags[seat] ?? 0) & (FLAG.wheelchair | FLAG.companion)) !== 0;
  return square ? LOOK.freeSquare : LOOK.free;
}

/** From the middle: a float keeps centimetres exact that way in any hall. */
function positions(chart: Chart, middle: { x: number; y: number }): Float32Array {
  const found = new Float32Array(chart.seatCount * FLOATS_A_SEAT);
  for (let seat = 0; seat < chart.seatCount; seat++) {
    found[2 * seat] = (chart.x[seat] ?? 0) - middle.x;
    found[2 * seat + 1] = (chart.y[seat] ?? 0) - middle.y;
  }
  return found;
}

function named<Names extends readonly string[], Value>(
  names: Names,
  find: (name: string) => Value,
): Named<Names, Value> {
  return Object.fromEntries(names.map((name) => [name, find(name)])) as Named<Names, Value>;
}

function unit([r, g, b]: Rgb): [number, number, number] {
  return [r / 255, g / 255, b / 255];
}

function fill(gl: WebGL2RenderingContext, values: Float32Array | Uint8Array): WebGLBuffer | null {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  return buffer;
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error('no shader');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program) ?? 'the shaders do not link');
  }
  return program;
}
