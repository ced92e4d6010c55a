import { once } from 'node:events';
import { WebSocket } from 'ws';

/** An event as it arrived. */
export type Received = { readonly type: string; readonly id?: number; readonly symbol?: string } & Record<
  string,
  unknown
>;

/** A client that keeps all it got. */
export class TestSocket {
  readonly events: Received[] = [];
  readonly ws: WebSocket;
  closed: { code: number; reason: string } | undefined;

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => this.events.push(JSON.parse(String(data)) as Received));
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    ws.on('error', () => undefined);
  }

  static async open(port: number, path = '/ws'): Promise<TestSocket> {
    const socket = new TestSocket(new WebSocket(`ws://127.0.0.1:${port}${path}`));
    await once(socket.ws, 'open');
    return socket;
  }

  send(message: object | string): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Waits until an event satisfies `test`, also one that is there already. */
  async until(test: (event: Received) => boolean, waitMs = 5_000): Promise<Received> {
    return this.poll(() => this.events.find(test), waitMs);
  }

  async untilClosed(waitMs = 5_000): Promise<{ code: number; reason: string }> {
    return this.poll(() => this.closed, waitMs);
  }

  /** Sends a message and waits for the answers to everything sent before. */
  async settle(): Promise<void> {
    const pongs = this.events.filter(({ type }) => type === 'pong').length;
    this.send({ action: 'ping' });
    await this.poll(() => (this.events.filter(({ type }) => type === 'pong').length > pongs ? true : undefined), 5_000);
  }

  of(type: string): Received[] {
    return this.events.filter((event) => event.type === type);
  }

  async close(): Promise<void> {
    if (this.closed !== undefined) return;
    this.ws.terminate();
    await this.untilClosed();
  }

  private async poll<Value>(read: () => Value | undefined, waitMs: number): Promise<Value> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const value = read();
      if (value !== undefined) return value;
      if (Date.now() > deadline)
        throw new Error(`nothing in ${waitMs} ms; got ${JSON.stringify(this.events.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
