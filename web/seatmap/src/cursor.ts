/** The keyboard's way through the map: from section to section, into one, and from seat to seat. */
import type { Motion } from './motion.ts';
import { groupPoints, nextInDirection, seatPoints, type Direction } from './pick.ts';
import type { MapState } from './state.ts';
import { FREE } from './types.ts';

export interface CursorPort {
  toggle(seat: number): void;
  /** It stands on a section (seat -1) or a seat. */
  onCursor(group: number, seat: number): void;
  /** The picture must be made again. */
  ask(): void;
}

// So wide that a seat's number can be read.
const SEAT_PX = 22;

export class Cursor {
  constructor(
    private readonly state: MapState,
    private readonly motion: Motion,
    private readonly port: CursorPort,
  ) {}

  step(direction: Direction): void {
    const { chart, cursor } = this.state;
    if (!cursor) return this.set(this.groupNearest(), -1);
    const { group, seat } = cursor;
    if (seat < 0) {
      const centre = chart.groups[group]?.centre ?? chart.focus;
      return this.set(nextInDirection(centre, groupPoints(this.state), direction) ?? group, -1);
    }
    const from = { x: chart.x[seat] ?? 0, y: chart.y[seat] ?? 0 };
    this.set(group, nextInDirection(from, seatPoints(this.state, group), direction) ?? seat);
  }

  /** Into the section, or chooses the seat. */
  press(): void {
    const { chart, cursor, states } = this.state;
    if (!cursor) return this.set(this.groupNearest(), -1);
    if (cursor.seat >= 0) return this.port.toggle(cursor.seat);
    const group = chart.groups[cursor.group];
    if (!group) return;
    const seats = Array.from({ length: group.count }, (_, i) => group.first + i);
    this.set(cursor.group, seats.find((one) => states[one] === FREE) ?? group.first);
  }

  /** Out of the section, then out of all. */
  back(): void {
    const { cursor } = this.state;
    if (cursor && cursor.seat >= 0) {
      this.set(cursor.group, -1);
      this.motion.showGroup(cursor.group);
    } else {
      this.state.cursor = null;
      this.motion.showAll();
    }
  }

  private groupNearest(): number {
    let best = 0;
    let least = Infinity;
    for (const { key, x, y } of groupPoints(this.state)) {
      const distance = Math.hypot(x - this.state.camera.x, y - this.state.camera.y);
      if (distance < least) [least, best] = [distance, key];
    }
    return best;
  }

  private set(group: number, seat: number): void {
    const { chart, camera } = this.state;
    this.state.cursor = { group, seat };
    this.port.onCursor(group, seat);
    if (seat >= 0) {
      const scale = Math.max(camera.scale, SEAT_PX / chart.pitch);
      this.motion.glideTo({ x: chart.x[seat] ?? 0, y: chart.y[seat] ?? 0, scale });
    }
    this.port.ask();
  }
}
