/** One connection to the live feed: greets, listens, answers pings, and finds out when nobody is there. */
import { createReader, encodeConnect, encodeSubscribe, PING, PONG, type NatsMessage } from './nats.ts';
import { isFeedMessage, type FeedMessage } from './version.ts';

export interface LinePort {
  subject: string;
  /** The subscription stands: from now on nothing is missed. */
  onLive(): void;
  onMessage(message: FeedMessage): void;
  /** It is over, and not because it was ended here. */
  onLost(): void;
}

// A dead mobile connection stays "open" for minutes; a ping finds out.
const PING_MS = 20_000;

export class Line {
  private readonly read = createReader();
  private readonly pings = setInterval(() => this.ping(), PING_MS);
  private live = false;
  private heard = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly port: LinePort,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => this.take(data);
    socket.onclose = () => {
      clearInterval(this.pings);
      port.onLost();
    };
  }

  end(): void {
    const { socket } = this;
    clearInterval(this.pings);
    socket.onmessage = socket.onclose = null;
    // Closing what is still opening is a warning in the reader's console.
    if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket.close();
  }

  private take(data: ArrayBuffer | string): void {
    this.heard = true;
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
    try {
      for (const message of this.read(bytes)) this.answer(message);
    } catch {
      // Not the protocol we speak (a proxy's page, a cut frame): begin again on a fresh connection.
      this.socket.close();
    }
  }

  private answer(message: NatsMessage): void {
    if (message.kind === 'info' && !this.live) {
      for (const words of [encodeConnect(), encodeSubscribe(this.port.subject), PING]) this.send(words);
    } else if (message.kind === 'ping') this.send(PONG);
    else if (message.kind === 'pong' && !this.live) {
      this.live = true;
      this.port.onLive();
    } else if (message.kind === 'error') this.socket.close();
    else if (message.kind === 'message') {
      const body: unknown = JSON.parse(message.payload);
      if (isFeedMessage(body)) this.port.onMessage(body);
    }
  }

  private ping(): void {
    if (!this.heard) this.socket.close();
    else if (this.socket.readyState === WebSocket.OPEN) this.send(PING);
    this.heard = false;
  }

  private send(words: Uint8Array): void {
    this.socket.send(words as BufferSource);
  }
}
