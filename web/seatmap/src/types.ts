/** Words of the seat map. Seats are dense integers of one published chart; coordinates are whole centimetres, y downwards. */

export type Point = readonly [x: number, y: number];

export interface ChartRow {
  name: string;
  count: number;
  from?: number;
  step?: number;
  labels?: string[];
}

/** `seatwright-chart/1` as it travels; see `decode.ts` for what becomes of it. */
export interface ChartFile {
  format: 'seatwright-chart/1';
  name: string;
  seat_count: number;
  bounds: { x: number; y: number; width: number; height: number };
  focus: { x: number; y: number };
  categories: { key: string; name: string; color: string }[];
  sections: {
    key: string;
    name: string;
    level?: string;
    entrance?: string;
    outline: Point[];
    rows: ChartRow[];
  }[];
  tables: {
    key: string;
    name: string;
    x: number;
    y: number;
    radius: number;
    whole: boolean;
    count: number;
    from?: number;
    step?: number;
    labels?: string[];
  }[];
  seats: { x: number[]; y: number[]; category: number[]; flags: [seat: number, bits: number][] };
  areas: {
    key: string;
    name: string;
    outline: Point[];
    capacity: number;
    category: number;
    entrance?: string;
  }[];
  objects: { kind: string; label: string; outline: Point[] }[];
}

export const FLAG = { wheelchair: 1, companion: 2, restrictedView: 4, stepFree: 8 } as const;

/** What a place is to everybody; two bits on the wire. */
export const FREE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;
export type SeatState = typeof FREE | typeof HELD | typeof SOLD | typeof BLOCKED;

export interface Row {
  name: string;
  /** First seat's dense number; the row's seats follow it without a gap. */
  first: number;
  count: number;
  label(index: number): string;
}

/** A section or a table: what one sees before one sees seats. */
export interface Group {
  kind: 'section' | 'table';
  key: string;
  name: string;
  level: string;
  entrance: string;
  outline: Point[];
  rows: Row[];
  first: number;
  count: number;
  centre: { x: number; y: number };
  /** Radius in cm of a circle around `centre` that stays inside: the room for its label. */
  room: number;
  box: Box;
  /** Sold only together (a table taken whole). */
  whole: boolean;
  /** Its categories, the one with most seats first. */
  categories: number[];
}

export interface Area {
  key: string;
  name: string;
  entrance: string;
  outline: Point[];
  category: number;
  first: number;
  capacity: number;
  centre: { x: number; y: number };
  room: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Category {
  key: string;
  name: string;
  color: string;
}

export interface Chart {
  name: string;
  box: Box;
  focus: { x: number; y: number };
  categories: Category[];
  groups: Group[];
  areas: Area[];
  objects: { kind: string; label: string; outline: Point[] }[];
  /** Seats proper; standing places come after them. */
  seatCount: number;
  placeCount: number;
  x: Int32Array;
  y: Int32Array;
  category: Uint8Array;
  flags: Uint8Array;
  groupOf: Uint16Array;
  /** Usual distance of two neighbours in cm: the size of a seat in the picture. */
  pitch: number;
}

export interface Snapshot {
  version: number;
  epoch: string;
  states: Uint8Array;
}

/** Net states after `version`; applying one twice does no harm. */
export interface Batch {
  version: number;
  changes: [state: SeatState, seats: number[]][];
}

export interface Camera {
  /** The chart's point in the middle of the picture, cm. */
  x: number;
  y: number;
  /** CSS pixels per centimetre. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
  /** How much of the lower right corner the page covers, in CSS pixels; without it, nothing. */
  corner?: { width: number; height: number };
}

export interface Filter {
  /** Category indexes to show, or null for all. */
  categories: ReadonlySet<number> | null;
  /** Only wheelchair and companion places. */
  accessible: boolean;
}
