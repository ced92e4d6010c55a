import { readFileSync } from 'node:fs';
import { Report, type SuiteResult } from '../figure.ts';
import { SYMBOLS } from '../ingest/alpaca-frames.ts';
import { AlpacaServer, StampedFrame, wallUs } from '../latency/alpaca-server.ts';
import { LiveProgram } from '../latency/program.ts';
import { stampOf } from '../latency/stamp.ts';
import { type LinearFit, linearFit } from '../linear-fit.ts';

/** A hundred trades a second of each of a hundred symbols. */
const FRAMES_PER_SECOND = 100;
/** Rings of ticks and windows of ids are full, compilers are done. */
const MAX_WARM_UP_SECONDS = 180;
const SAMPLE_MS = 5_000;
/** What the quickest of the systems that this one was compared with says of itself. */
const CLAIMED_MS = 100;
/** A gigabyte and a half a day. */
const NOTICEABLE_KB_PER_SECOND = 16;

interface Sample {
  readonly seconds: number;
  readonly residentKb: number;
  readonly heapKb: number;
}

/** Minutes that are measured, by the environment; one where nothing is said. */
function soakMinutes(): number {
  const minutes = Number(process.env['TICKLOOM_SOAK_MINUTES'] ?? 1);
  if (!(minutes > 0)) throw new Error('TICKLOOM_SOAK_MINUTES is a number of minutes above 0');
  return minutes;
}

/**
 * `tickloom start` on a steady stream of 10,000 trades a second: how long it takes from the receipt of the trade that
 * ends a bar of one second to the bar's features at a WebSocket client, and whether memory grows.
 */
export async function soakLive(): Promise<SuiteResult> {
  const report = new Report('soak.live');
  const seconds = 60 * soakMinutes();
  const server = new AlpacaServer();
  const program = await LiveProgram.start(server);
  const latenciesMs: number[] = [];
  let isMeasured = false;
  await program.listen({ channels: ['features'], timeframes: ['1s'] }, (text) => {
    if (isMeasured && text.includes('"type":"features"')) latenciesMs.push((wallUs() - stampOf(text)) / 1_000);
  });
  const send = await server.subscribed();
  const frames = Array.from({ length: 16 }, () => new StampedFrame(SYMBOLS));
  await send.play(FRAMES_PER_SECOND, Math.min(MAX_WARM_UP_SECONDS, seconds), frames, SYMBOLS.length);
  isMeasured = true;
  const samples: Sample[] = [];
  const startMs = performance.now();
  const sampling = setInterval(() => void sample(program, startMs, samples), SAMPLE_MS);
  await send.play(FRAMES_PER_SECOND, seconds, frames, SYMBOLS.length);
  clearInterval(sampling);
  const metrics = await program.metrics();
  server.close();
  await program.stop();
  tellLatency(report, latenciesMs);
  tellMemory(report, samples);
  const accepted = metricOf(metrics, 'tickloom_events_accepted_total{source="alpaca",kind="trade"}');
  report.note(`${seconds} s measured; ${accepted} trades accepted in all, ${latenciesMs.length} feature events`);
  return report;
}

function tellLatency(report: Report, latenciesMs: readonly number[]): void {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] as number;
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    report.less(
      at(share),
      `ms ${name} from socket to feature event`,
      'the least that is claimed elsewhere',
      CLAIMED_MS,
    );
  }
  report.note(`p99.9 ${at(0.999).toFixed(1)} ms, longest ${at(0.999999).toFixed(1)} ms`);
}

function tellMemory(report: Report, samples: readonly Sample[]): void {
  const lineOf = (of: (sample: Sample) => number): LinearFit =>
    linearFit(
      samples.map(({ seconds }) => seconds),
      samples.map(of),
    );
  for (const [name, of] of [
    ['resident memory', (sample: Sample) => sample.residentKb],
    ['JavaScript heap', (sample: Sample) => sample.heapKb],
  ] as const) {
    const { slope, error } = lineOf(of);
    const values = samples.map(of);
    const range = `${Math.round(Math.min(...values) / 1_024)} to ${Math.round(Math.max(...values) / 1_024)} MB`;
    report.note(`${name}: ${slope.toFixed(1)} ± ${error.toFixed(1)} KB/s over ${samples.length} samples, ${range}`);
    const unit = `KB/s of ${name} at most (upper end of the interval of 95 %)`;
    report.less(Math.max(slope + error, 0.001), unit, 'what would be noticed in a day', NOTICEABLE_KB_PER_SECOND);
  }
}

async function sample(program: LiveProgram, startMs: number, samples: Sample[]): Promise<void> {
  const metrics = await program.metrics();
  samples.push({
    seconds: (performance.now() - startMs) / 1_000,
    residentKb: residentKb(program.pid) ?? metricOf(metrics, 'process_resident_memory_bytes') / 1_024,
    heapKb: metricOf(metrics, 'nodejs_heap_size_used_bytes') / 1_024,
  });
}

/** Resident memory of a process, where the system tells it in a file. */
function residentKb(pid: number): number | undefined {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    // Other systems than Linux: the program's own metric is used.
    return undefined;
  }
}

function metricOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}
