import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { follow, type FeedPort, type FeedStatus } from './feed.ts';
import { createReader } from './nats.ts';
import type { Batch, Snapshot } from './types.ts';
import { judge, readChanges, type Changes, type FeedMessage } from './version.ts';

const position = { version: 10, epoch: 'e1' };
const message = (f: number, v: number, e = 'e1'): FeedMessage => ({ e, f, v, c: [[2, [v]]] });

describe('a message of the feed', () => {
  it.each([
    ['follows', message(10, 12), 'next'],
    ['overlaps what is known', message(8, 12), 'next'],
    ['is old', message(8, 10), 'old'],
    ['leaves a gap', message(11, 12), 'gap'],
    ['is of another epoch', message(10, 11, 'e2'), 'resync'],
  ] as const)('%s', (_, told, verdict) => {
    expect(judge(position, told).is).toBe(verdict);
  });

  it('is filled in from the log, or not at all', () => {
    const told: Changes = {
      version: 13,
      epoch: 'e1',
      changes: [
        [9, 2, [1]],
        [12, 0, [5]],
      ],
      resync: false,
    };
    expect(readChanges(position, told)).toEqual([
      { version: 12, changes: [[0, [5]]] },
      { version: 13, changes: [] },
    ]);
    expect(readChanges(position, { ...told, resync: true })).toBeNull();
    expect(readChanges(position, { ...told, epoch: 'e2' })).toBeNull();
    expect(readChanges(position, { ...told, version: 9 })).toBeNull();
  });
});

describe('the wire', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('is read however it is cut', () => {
    const text =
      'INFO {"a":1}\r\nMSG seats.x 1 11\r\n{"e":"Zoë"}\r\nPING\r\nMSG seats.x 1 _INBOX 2\r\n{}\r\n-ERR bad\r\n';
    const whole = createReader()(bytes(text.replace('1 11', '1 12')));
    expect(whole.map((one) => one.kind)).toEqual(['info', 'message', 'ping', 'message', 'error']);
    expect(whole[1]).toMatchObject({ subject: 'seats.x', payload: '{"e":"Zoë"}' });
    const read = createReader();
    const slow = [...bytes(text.replace('1 11', '1 12'))].flatMap((byte) => read(new Uint8Array([byte])));
    expect(slow).toEqual(whole);
  });

  it('refuses a size that is none', () => {
    expect(() => createReader()(bytes('MSG a 1 x\r\n'))).toThrow();
    expect(() => createReader()(bytes('MSG a 1 99999999\r\n'))).toThrow();
  });
});

/** A gateway that a test can cut off: speaks what a NATS server says over a WebSocket. */
class Line {
  static readonly open: Line[] = [];
  binaryType = 'blob';
  readyState = 1;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  onopen: (() => void) | null = null;
  readonly sent: string[] = [];
  constructor() {
    Line.open.push(this);
  }
  send(data: Uint8Array): void {
    this.sent.push(new TextDecoder().decode(data));
  }
  say(text: string): void {
    this.onmessage?.({ data: new TextEncoder().encode(text).buffer as ArrayBuffer });
  }
  tell(told: FeedMessage): void {
    const payload = JSON.stringify(told);
    this.say(`MSG seats.e 1 ${payload.length}\r\n${payload}\r\n`);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

describe('following an event', () => {
  const seen: { batches: Batch[]; snapshots: Snapshot[]; status: FeedStatus[]; asked: number[] } = {
    batches: [],
    snapshots: [],
    status: [],
    asked: [],
  };
  let answers: Changes[] = [];

  const port: FeedPort = {
    subject: 'seats.e',
    snapshot: () => Promise.resolve({ version: 50, epoch: 'e2', states: new Uint8Array(1) }),
    changes: (since) => {
      seen.asked.push(since);
      const told = answers.shift();
      return told ? Promise.resolve(told) : Promise.reject(new Error('away'));
    },
    socket: () => new Line() as unknown as WebSocket,
    onSnapshot: (snapshot) => seen.snapshots.push(snapshot),
    onBatches: (batches) => seen.batches.push(...batches),
    onStatus: (status) => seen.status.push(status),
  };
  const nothing = (version: number): Changes => ({ version, epoch: 'e1', changes: [], resync: false });

  beforeEach(() => {
    vi.useFakeTimers();
    Object.assign(globalThis, { WebSocket: { CONNECTING: 0, OPEN: 1 } });
    Line.open.length = 0;
    answers = [];
    for (const list of Object.values(seen)) list.length = 0;
  });
  afterEach(() => vi.useRealTimers());

  async function live(): Promise<{ line: Line; end: () => void }> {
    answers.push(nothing(10));
    const feed = follow(port, position);
    const line = Line.open[0] as Line;
    line.say('INFO {}\r\n');
    line.say('PONG\r\n');
    await vi.advanceTimersByTimeAsync(0);
    return { line, end: () => feed.destroy() };
  }

  it('subscribes, asks once for what it missed meanwhile, then only listens', async () => {
    const { line, end } = await live();
    expect(line.sent.join('')).toContain('SUB seats.e 1\r\n');
    expect(seen.asked).toEqual([10]);
    line.tell(message(10, 12));
    expect(seen.batches).toEqual([{ version: 12, changes: [[2, [12]]] }]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(seen.asked).toEqual([10]);
    expect(seen.status.at(-1)).toBe('live');
    end();
  });

  it('fills a gap, and keeps what came while it was being filled', async () => {
    const { line, end } = await live();
    answers.push({
      version: 14,
      epoch: 'e1',
      changes: [
        [12, 2, [1]],
        [14, 2, [2]],
      ],
      resync: false,
    });
    line.tell(message(12, 13));
    line.tell(message(14, 15));
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.asked).toEqual([10, 10]);
    expect(seen.batches.map((batch) => batch.version)).toEqual([12, 14, 14, 15]);
    end();
  });

  it('takes a snapshot when versions count anew', async () => {
    const { line, end } = await live();
    line.tell(message(1, 2, 'e2'));
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.snapshots.map((snapshot) => snapshot.version)).toEqual([50]);
    line.tell(message(50, 51, 'e2'));
    expect(seen.batches.at(-1)?.version).toBe(51);
    end();
  });

  it('polls while the line is cut, says so, and comes back by itself', async () => {
    const { line, end } = await live();
    answers.push({ version: 11, epoch: 'e1', changes: [[11, 2, [7]]], resync: false });
    line.close();
    expect(seen.status.at(-1)).toBe('polling');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seen.batches.at(-2)).toEqual({ version: 11, changes: [[2, [7]]] });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(Line.open.length).toBeGreaterThan(1);
    end();
  });

  it('says when it is cut off, and asks more and more rarely', async () => {
    const { line, end } = await live();
    line.close();
    Line.open.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.status).toContain('offline');
    expect(seen.asked.length).toBeLessThan(12);
    end();
  });

  it('closes a line that is still opening only once it is open', () => {
    const feed = follow(port, position);
    const line = Line.open[0] as Line;
    line.readyState = 0;
    feed.destroy();
    expect(line.readyState).toBe(0);
    line.onopen?.();
    expect(line.readyState).toBe(3);
  });

  it('goes silent when it is ended', async () => {
    const { line, end } = await live();
    end();
    line.tell(message(10, 12));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(seen.asked).toEqual([10]);
    expect(Line.open.length).toBe(1);
  });
});
