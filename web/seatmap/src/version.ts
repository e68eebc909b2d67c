/** Whether a message of the feed follows from what is known. Pure: the heart of never showing a wrong seat. */
import type { Batch, SeatState } from './types.ts';

export interface FeedMessage {
  /** Epoch: another one means that versions count anew. */
  e: string;
  /** From this version (exclusive) to `v`. */
  f: number;
  v: number;
  c: [state: SeatState, seats: number[]][];
}

export interface Changes {
  version: number;
  epoch: string;
  changes: [version: number, state: SeatState, seats: number[]][];
  resync: boolean;
}

export interface Position {
  version: number;
  epoch: string;
}

export type Verdict = { is: 'next'; batch: Batch } | { is: 'old' } | { is: 'gap' } | { is: 'resync' };

export function judge(position: Position, message: FeedMessage): Verdict {
  if (message.e !== position.epoch) return { is: 'resync' };
  if (message.v <= position.version) return { is: 'old' };
  if (message.f > position.version) return { is: 'gap' };
  return { is: 'next', batch: { version: message.v, changes: message.c } };
}

/** The answer of `changes?since=` as batches, or null when only a snapshot helps. */
export function readChanges(position: Position, told: Changes): Batch[] | null {
  if (told.resync || told.epoch !== position.epoch || told.version < position.version) return null;
  const batches = told.changes
    .filter(([version]) => version > position.version)
    .map(([version, state, seats]): Batch => ({ version, changes: [[state, seats]] }));
  // The version may move without a seat changing; the position must move with it.
  batches.push({ version: told.version, changes: [] });
  return batches;
}

export function isFeedMessage(value: unknown): value is FeedMessage {
  if (value === null || typeof value !== 'object') return false;
  const one = value as Partial<FeedMessage>;
  return (
    typeof one.e === 'string' &&
    typeof one.f === 'number' &&
    typeof one.v === 'number' &&
    Array.isArray(one.c)
  );
}
