/**
 * The part of the NATS client protocol that a watcher needs: INFO, CONNECT, SUB, MSG, PING, PONG.
 * (https://docs.nats.io/reference/reference-protocols/nats-protocol; over WebSocket each side sends binary frames.)
 */

export type NatsMessage =
  | { kind: 'info' }
  | { kind: 'ping' }
  | { kind: 'pong' }
  | { kind: 'ok' }
  | { kind: 'error'; text: string }
  | { kind: 'message'; subject: string; payload: string };

// A batch of the feed is a few kilobytes; what claims to be larger is not ours.
const PAYLOAD_BYTES_MAX = 4_000_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeConnect(): Uint8Array {
  return encoder.encode(
    'CONNECT {"verbose":false,"pedantic":false,"lang":"seatwright","version":"1","protocol":1}\r\n',
  );
}

export function encodeSubscribe(subject: string): Uint8Array {
  return encoder.encode(`SUB ${subject} 1\r\n`);
}

export const PING = encoder.encode('PING\r\n');
export const PONG = encoder.encode('PONG\r\n');

/** Cuts a stream of frames into messages; a message may span frames and a frame may hold many. */
export function createReader(): (frame: Uint8Array) => NatsMessage[] {
  let pending = new Uint8Array(0);
  return (frame) => {
    const joined = new Uint8Array(pending.length + frame.length);
    joined.set(pending);
    joined.set(frame, pending.length);
    const messages: NatsMessage[] = [];
    let at = 0;
    for (;;) {
      const read = readOne(joined, at);
      if (!read) break;
      messages.push(read.message);
      at = read.next;
    }
    pending = joined.slice(at);
    return messages;
  };
}

function readOne(bytes: Uint8Array, at: number): { message: NatsMessage; next: number } | null {
  const end = lineEnd(bytes, at);
  if (end < 0) return null;
  const line = decoder.decode(bytes.subarray(at, end));
  const next = end + 2;
  const [word = '', ...rest] = line.split(/\s+/);
  switch (word.toUpperCase()) {
    case 'MSG': {
      const size = Number(rest.at(-1));
      if (!Number.isInteger(size) || size < 0 || size > PAYLOAD_BYTES_MAX)
        throw new Error(`bad size in "${line}"`);
      if (bytes.length < next + size + 2) return null;
      const payload = decoder.decode(bytes.subarray(next, next + size));
      return { message: { kind: 'message', subject: rest[0] ?? '', payload }, next: next + size + 2 };
    }
    case 'PING':
      return { message: { kind: 'ping' }, next };
    case 'PONG':
      return { message: { kind: 'pong' }, next };
    case 'INFO':
      return { message: { kind: 'info' }, next };
    case '-ERR':
      return { message: { kind: 'error', text: rest.join(' ') }, next };
    default:
      return { message: { kind: 'ok' }, next };
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  for (let i = from; i + 1 < bytes.length; i++) if (bytes[i] === 13 && bytes[i + 1] === 10) return i;
  return -1;
}
