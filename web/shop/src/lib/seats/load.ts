/** Fetches what the map needs: the chart, which never changes, and who sits where, which always does. */
import { readProblem, Unreachable, type EventDetail } from '@seatwright/shared';
import {
  decodeAvailability,
  decodeChart,
  type Changes,
  type Chart,
  type ChartFile,
  type Snapshot,
} from '@seatwright/seatmap';

import { recentEvent } from '#lib/services.ts';

// A chart of a stadium is 40 KB compressed; on a bad train that takes a while.
const LOAD_TIMEOUT_MS = 20_000;

export interface Loaded {
  event: EventDetail;
  chart: Chart;
  snapshot: Snapshot;
}

export async function loadSeats(slug: string): Promise<Loaded> {
  const event = await recentEvent(slug);
  const [file, bits] = await Promise.all([
    fetchChart(event.chart),
    ask(availabilityPath(event.id), 'application/octet-stream').then((answer) => answer.arrayBuffer()),
  ]);
  const chart = decodeChart(file);
  return { event, chart, snapshot: decodeAvailability(bits, chart.placeCount) };
}

export async function fetchSnapshot(
  eventId: string,
  placeCount: number,
  signal: AbortSignal,
): Promise<Snapshot> {
  const answer = await ask(availabilityPath(eventId), 'application/octet-stream', signal);
  return decodeAvailability(await answer.arrayBuffer(), placeCount);
}

export async function fetchChanges(eventId: string, since: number, signal: AbortSignal): Promise<Changes> {
  const answer = await ask(`${availabilityPath(eventId)}/changes?since=${since}`, 'application/json', signal);
  return (await answer.json()) as Changes;
}

async function fetchChart(hash: string): Promise<ChartFile> {
  return (await (
    await ask(`/v1/charts/${encodeURIComponent(hash)}`, 'application/json')
  ).json()) as ChartFile;
}

function availabilityPath(eventId: string): string {
  return `/v1/events/${encodeURIComponent(eventId)}/availability`;
}

async function ask(path: string, accept: string, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(LOAD_TIMEOUT_MS);
  const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
  // Who sits where is true for a second: a browser that kept an answer could only be wrong.
  const cache = path.startsWith('/v1/charts/') ? 'default' : 'no-store';
  const answer = await fetch(path, { headers: { accept }, signal: both, cache }).catch(() => {
    throw new Unreachable('no connection');
  });
  if (!answer.ok) throw await readProblem(answer);
  return answer;
}
