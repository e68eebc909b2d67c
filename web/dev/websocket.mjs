/** Just enough of RFC 6455 and of a NATS server to feed the page in development. Not part of the product. */
import { createHash } from 'node:crypto';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Answers an upgrade and speaks NATS: INFO, CONNECT, SUB, PING.
 * @param {import('node:http').IncomingMessage} request @param {import('node:stream').Duplex} socket
 * @param {Set<{send: (text: string) => void, subject: string, sid: string}>} subscribers
 */
export function feedSocket(request, socket, subscribers) {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}${MAGIC}`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const send = (/** @type {string} */ text) => {
    if (socket.writable) socket.write(frame(Buffer.from(text)));
  };
  const mine = new Set();
  send('INFO {"server_id":"dev","max_payload":1048576}\r\n');
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (let read = unframe(pending); read; read = unframe(pending)) {
      pending = read.rest;
      if (read.opcode === 8) return void socket.end();
      for (const line of read.text.split('\r\n')) {
        const [word, subject, sid] = line.split(' ');
        if (word === 'PING') send('PONG\r\n');
        if (word === 'SUB') {
          const entry = { send, subject, sid };
          mine.add(entry);
          subscribers.add(entry);
        }
      }
    }
  });
  const forget = () => mine.forEach((entry) => subscribers.delete(entry));
  socket.on('close', forget);
  socket.on('error', forget);
}

/** @param {Set<{send: (text: string) => void, subject: string, sid: string}>} subscribers @param {string} subject @param {unknown} message */
export function publish(subscribers, subject, message) {
  const payload = JSON.stringify(message);
  for (const entry of subscribers) {
    if (entry.subject === subject) {
      entry.send(`MSG ${subject} ${entry.sid} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
    }
  }
}

/** @param {Buffer} payload */
function frame(payload) {
  const size = payload.length;
  const head =
    size < 126
      ? Buffer.from([0x82, size])
      : size < 65536
        ? Buffer.from([0x82, 126, size >> 8, size & 255])
        : Buffer.from([
            0x82,
            127,
            0,
            0,
            0,
            0,
            size >>> 24,
            (size >> 16) & 255,
            (size >> 8) & 255,
            size & 255,
          ]);
  return Buffer.concat([head, payload]);
}

/** @param {Buffer} bytes */
function unframe(bytes) {
  if (bytes.length < 6) return null;
  let size = bytes[1] & 127;
  let at = 2;
  if (size === 126) {
    size = bytes.readUInt16BE(2);
    at = 4;
  }
  if (bytes.length < at + 4 + size) return null;
  const mask = bytes.subarray(at, at + 4);
  const text = Buffer.from(
    bytes.subarray(at + 4, at + 4 + size).map((byte, i) => byte ^ mask[i % 4]),
  ).toString();
  return { opcode: bytes[0] & 15, text, rest: bytes.subarray(at + 4 + size) };
}
