import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Report, type SuiteResult } from '../figure.ts';
import { SYMBOLS } from '../ingest/alpaca-frames.ts';
import { AlpacaServer, FrameSender, markedFrames, wallUs } from '../latency/alpaca-server.ts';
import { LiveProgram } from '../latency/program.ts';
import { stampOf } from '../latency/stamp.ts';
import { median } from '../measure.ts';

/** Frames a second, at every rate. */
const FRAMES_PER_SECOND = 1_000;
const TRADES_PER_FRAME = [1, 10, 100];
const SECONDS = 4;
const WARM_UP_SECONDS = 6;
const ROUNDS = 3;
/** Longest wait for the last frames to come out. */
const DRAIN_MS = 10_000;

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** What frames are sent to, and the times at which what they made came out again. */
interface Path {
  readonly send: FrameSender;
  /** Takes the microseconds from sending to coming out, one for every frame. */
  onLatency: (us: number) => void;
}

/**
 * From a frame's sending to the coming out of its last trade at a WebSocket client: provider's stream, parsing, tape,
 * engine with bars and features, API. The floor is an echo of the same frames by `ws`. Sender and receiver are this
 * process, so both are measured with the same clock and the same neighbours.
 */
export async function e2eLatency(): Promise<SuiteResult> {
  const report = new Report('e2e.latency');
  const server = new AlpacaServer();
  const program = await LiveProgram.start(server);
  const echo = fork(new URL('../latency/echo-process.ts', import.meta.url));
  try {
    const paths = { ours: await throughProgram(server, program), echo: await throughEcho(echo) };
    await run(paths.ours, WARM_UP_SECONDS, 100);
    for (const perFrame of TRADES_PER_FRAME) {
      const taken: Record<keyof typeof paths, Quantiles[]> = { ours: [], echo: [] };
      for (let round = 0; round < ROUNDS; round++) {
        taken.echo.push(await run(paths.echo, SECONDS, perFrame));
        taken.ours.push(await run(paths.ours, SECONDS, perFrame));
      }
      const of = (path: keyof typeof paths, part: keyof Quantiles): number => median(taken[path].map((q) => q[part]));
      const rate = `${(perFrame * FRAMES_PER_SECOND) / 1_000}k trades/s`;
      report.less(of('ours', 'p50'), `µs p50 at ${rate}`, 'bare ws echo', of('echo', 'p50'));
      report.less(of('ours', 'p99'), `µs p99 at ${rate}`, 'bare ws echo', of('echo', 'p99'));
    }
  } finally {
    server.close();
    echo.kill('SIGKILL');
    await program.stop();
  }
  return report;
}

async function run(path: Path, seconds: number, perFrame: number): Promise<Quantiles> {
  const latencies: number[] = [];
  path.onLatency = (us) => latencies.push(us);
  const frames = markedFrames(perFrame);
  await path.send.play(FRAMES_PER_SECOND, seconds, frames, perFrame);
  const wanted = FRAMES_PER_SECOND * seconds;
  const endMs = performance.now() + DRAIN_MS;
  while (latencies.length < wanted && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
  path.onLatency = () => undefined;
  if (latencies.length !== wanted) throw new Error(`e2e.latency: ${latencies.length} of ${wanted} frames came out`);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] as number;
  return { p50: at(0.5), p99: at(0.99) };
}

async function throughProgram(server: AlpacaServer, program: LiveProgram): Promise<Path> {
  const path: Path = { send: await server.subscribed(), onLatency: () => undefined };
  await program.listen({ channels: ['trades'], symbols: [SYMBOLS[0]] }, (text) => {
    if (text.includes('"type":"trade"')) path.onLatency(wallUs() - stampOf(text));
  });
  return path;
}

async function throughEcho(echo: ChildProcess): Promise<Path> {
  const [ports] = (await once(echo, 'message')) as [{ readonly inPort: number; readonly outPort: number }];
  const open = async (port: number): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    socket.on('error', () => undefined);
    await once(socket, 'open');
    return socket;
  };
  const receiver = await open(ports.outPort);
  const path: Path = { send: new FrameSender(await open(ports.inPort)), onLatency: () => undefined };
  receiver.on('message', (data: Buffer) => path.onLatency(wallUs() - stampOf(data.toString('latin1'))));
  return path;
}
