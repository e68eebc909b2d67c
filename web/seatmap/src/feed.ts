/**
 * Keeps one event's availability true: a snapshot, then the live feed, `changes?since=` over gaps,
 * polling while the feed is down. Whatever fails, it goes on trying and says how it stands.
 */
import { Line } from './line.ts';
import type { Batch, Snapshot } from './types.ts';
import { judge, readChanges, type Changes, type FeedMessage, type Position } from './version.ts';

export type FeedStatus = 'live' | 'polling' | 'offline';

/** What the feed needs of the outside; the tests bring their own. */
export interface FeedPort {
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  changes(since: number, signal: AbortSignal): Promise<Changes>;
  /** A fresh WebSocket, or null where there is none. */
  socket(): WebSocket | null;
  subject: string;
  onSnapshot(snapshot: Snapshot): void;
  onBatches(batches: Batch[]): void;
  onStatus(status: FeedStatus): void;
}

export interface Feed {
  destroy(): void;
}

// Without the feed two seconds is what a person still takes for "now", and what the API is sized for.
const POLL_MS = 2_000;
const POLL_MS_MAX = 15_000;
const RECONNECT_MS_MIN = 1_000;
const RECONNECT_MS_MAX = 30_000;
// Messages that arrive while a gap is being filled; more than this and a snapshot is cheaper.
const WAITING_MAX = 1_000;

export function follow(port: FeedPort, start: Position): Feed {
  return new Follower(port, start);
}

class Follower implements Feed {
  private line: Line | null = null;
  private live = false;
  private busy = false;
  private again = false;
  private failures = 0;
  private attempts = 0;
  private waiting: FeedMessage[] = [];
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  private lineTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly ended = new AbortController();

  constructor(
    private readonly port: FeedPort,
    private position: Position,
  ) {
    this.watchPage();
    this.connect();
    this.poll();
  }

  destroy(): void {
    this.ended.abort();
    clearTimeout(this.pollTimer);
    clearTimeout(this.lineTimer);
    this.line?.end();
    this.line = null;
  }

  // A tab in the background gets no timers; coming back it must not show a picture of ten minutes ago.
  private watchPage(): void {
    if (typeof document === 'undefined') return;
    const seen = (): void => {
      if (document.visibilityState === 'visible') void this.catchUp(false);
    };
    document.addEventListener('visibilitychange', seen, { signal: this.ended.signal });
    addEventListener('online', seen, { signal: this.ended.signal });
  }

  private connect(): void {
    if (this.ended.signal.aborted) return;
    const socket = this.port.socket();
    if (!socket) return this.poll();
    this.line = new Line(socket, {
      subject: this.port.subject,
      onLive: () => this.hears(),
      onMessage: (message) => this.take(message),
      onLost: () => this.lost(),
    });
  }

  private hears(): void {
    this.live = true;
    this.attempts = 0;
    clearTimeout(this.pollTimer);
    // What changed before the subscription stood is asked for once.
    void this.catchUp(false);
  }

  private lost(): void {
    this.line = null;
    this.live = false;
    this.port.onStatus('polling');
    this.poll();
    // Spread out: after a gateway restart 100,000 browsers must not knock in the same second.
    const wait = Math.min(RECONNECT_MS_MAX, RECONNECT_MS_MIN * 2 ** this.attempts++) * (0.5 + Math.random());
    this.lineTimer = setTimeout(() => this.connect(), wait);
  }

  private poll(): void {
    clearTimeout(this.pollTimer);
    const wait = Math.min(POLL_MS_MAX, POLL_MS * 2 ** this.failures);
    this.pollTimer = setTimeout(() => void this.catchUp(false), wait);
  }

  private take(message: FeedMessage): void {
    if (this.busy) {
      this.waiting.push(message);
      if (this.waiting.length > WAITING_MAX) this.waiting = [];
      return;
    }
    const verdict = judge(this.position, message);
    if (verdict.is === 'next') this.apply([verdict.batch]);
    else if (verdict.is === 'gap') void this.catchUp(false);
    else if (verdict.is === 'resync') void this.catchUp(true);
  }

  private apply(batches: Batch[]): void {
    for (const { version } of batches)
      this.position = { ...this.position, version: Math.max(this.position.version, version) };
    if (batches.some((batch) => batch.changes.length > 0)) this.port.onBatches(batches);
  }

  /** Asks for what was missed; `anew` when only a snapshot can help. */
  private async catchUp(anew: boolean): Promise<void> {
    if (this.ended.signal.aborted) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    try {
      await this.ask(anew);
      this.failures = 0;
      this.port.onStatus(this.live ? 'live' : 'polling');
    } catch {
      // Refused or unreachable: the picture stays as it is, says that it may be old, and asks again.
      this.failures++;
      if (!this.ended.signal.aborted) this.port.onStatus('offline');
    }
    this.busy = false;
    if (!this.ended.signal.aborted) this.goOn();
  }

  private async ask(anew: boolean): Promise<void> {
    const { port, position, ended } = this;
    const told = anew ? null : await port.changes(position.version, ended.signal);
    const batches = told && readChanges(position, told);
    if (batches) return this.apply(batches);
    const snapshot = await port.snapshot(ended.signal);
    this.position = { version: snapshot.version, epoch: snapshot.epoch };
    port.onSnapshot(snapshot);
  }

  /** What came while it asked, and whoever asked meanwhile. */
  private goOn(): void {
    const kept = this.waiting;
    this.waiting = [];
    if (this.failures === 0) kept.forEach((message) => this.take(message));
    if (this.again && !this.busy) return void this.catchUp(false);
    if (!this.live || this.failures > 0) this.poll();
  }
}
