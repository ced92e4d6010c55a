import { connect } from 'node:net';

/** Sends bytes over a fresh connection and returns all that comes back until the server closes (or `waitMs` is over). */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  waitMs = 3_000,
): Promise<{ text: string; isClosed: boolean }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    let isClosed = false;
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, isClosed });
    };
    const timer = setTimeout(done, waitMs);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      isClosed = true;
      done();
    });
    socket.write(bytes);
  });
}

/** Status of a raw HTTP answer, 0 when there was none. */
export function statusOf(text: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
}
