import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/host/index.ts';
import {
  findSimulator,
  parseFault,
  Simulator,
  SimulatorLog,
  type SimulatorOptions,
} from '../../src/simulators/index.ts';
import { FrameCollector, type StreamClient, type StreamTrade } from './provider-clients.ts';
import { type TapeTrade, type TestTape, testTape } from './simulated-tape.ts';

export interface LogLine {
  readonly type: string;
  readonly at_us: number;
  readonly conn?: number;
  readonly status?: number;
  readonly url?: string;
  readonly fault?: string;
  readonly events?: readonly { readonly row: number; readonly kind: string }[];
}

/** A simulator on a free port, with its log: `await using rig = await SimulatorRig.start('binance')`. */
export class SimulatorRig {
  readonly simulator: Simulator;
  readonly port: number;
  readonly trades: readonly TapeTrade[];
  readonly ended: Promise<void>;
  private readonly folder: string;
  private readonly sockets: WebSocket[] = [];
  private isClosed = false;

  private constructor(
    simulator: Simulator,
    port: number,
    trades: readonly TapeTrade[],
    ended: Promise<void>,
    folder: string,
  ) {
    this.simulator = simulator;
    this.port = port;
    this.trades = trades;
    this.ended = ended;
    this.folder = folder;
  }

  static async start(
    provider: string,
    faults: readonly string[] = [],
    options: Partial<SimulatorOptions> = {},
    given?: TestTape,
  ): Promise<SimulatorRig> {
    const { tape, trades } = given ?? (await testTape());
    const folder = mkdtempSync(join(tmpdir(), 'tickloom-simulator-'));
    const log = await SimulatorLog.open(join(folder, 'log.jsonl'), systemClock);
    const { promise, resolve } = Promise.withResolvers<void>();
    const simulator = new Simulator(findSimulator(provider), {
      tape,
      speed: Number.POSITIVE_INFINITY,
      seed: 3,
      faults: faults.map(parseFault),
      clock: systemClock,
      log,
      settleMs: 60,
      onEnded: resolve,
      ...options,
    });
    return new SimulatorRig(simulator, await simulator.listen(0), trades, promise, folder);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Opens a connection; a refused handshake gives its status and body. */
  async open(client: StreamClient, key = 'good'): Promise<OpenedStream> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${client.path(key)}`, {
      headers: { ...client.headers?.(key) },
    });
    this.sockets.push(socket);
    const collector = new FrameCollector(socket, client.decode ?? ((frame) => JSON.parse(frame.toString('utf8'))));
    const refusal = await new Promise<unknown>((resolve) => {
      socket.on('open', () => resolve(undefined));
      socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString('utf8');
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
    });
    return { socket, collector, refusal };
  }

  /** Opens, authenticates and subscribes to both symbols of the client. */
  async follow(client: StreamClient): Promise<OpenedStream> {
    const stream = await this.open(client);
    if (client.headers === undefined && client.login !== undefined)
      stream.socket.send(JSON.stringify(client.login('good')));
    if (client.isLoggedIn !== undefined) await stream.collector.message(client.isLoggedIn);
    for (const message of client.subscribe(Object.values(client.symbols))) stream.socket.send(encode(client, message));
    return stream;
  }

  /** The trades of the client's symbols as its wire should bring them. */
  expected(client: StreamClient): StreamTrade[] {
    return this.trades.flatMap((trade) => {
      const name = client.symbols[trade.symbol];
      if (name === undefined) return [];
      return [
        {
          name,
          ...(client.hasIds ? { id: trade.id } : {}),
          ts: Math.floor(trade.tsUs / client.resolutionUs),
          price: trade.price,
          ...(client.hasSizes ? { size: trade.size } : {}),
        },
      ];
    });
  }

  received(client: StreamClient, { collector }: OpenedStream): StreamTrade[] {
    return collector.frames.flatMap(({ message }) => {
      // Frames of unknown shapes are none of the client's business.
      const isFrame = typeof message === 'object' && message !== null;
      const trades = isFrame ? client.trades(message) : [];
      return trades.filter(({ name, ts }) => Object.values(client.symbols).includes(name) && Number.isFinite(ts));
    });
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers, redirect: 'manual' });
  }

  /** Ends the simulator and reads its log. */
  async log(): Promise<LogLine[]> {
    await this.close();
    const lines = readFileSync(join(this.folder, 'log.jsonl'), 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.simulator.close();
  }
}

export interface OpenedStream {
  readonly socket: WebSocket;
  readonly collector: FrameCollector;
  /** Status and body of a refused handshake. */
  readonly refusal: unknown;
}

function encode(client: StreamClient, message: unknown): string | Uint8Array {
  return client.encode === undefined ? JSON.stringify(message) : client.encode(message);
}
