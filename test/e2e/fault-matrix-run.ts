import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { answerOf, DATA, exported, LiveTickloom, scratch, startTickloom, type VerifyReport } from './tickloom.ts';

/** A provider as the matrix plays it. */
export interface MatrixProvider {
  readonly name: string;
  readonly source: string;
  readonly plan?: string;
  readonly symbol: string;
  /** Key variables, with any value. */
  readonly keys: Readonly<Record<string, string>>;
  /** What its wire keeps of a row of the tape. */
  readonly keeps: { readonly idsAndHistory: boolean; readonly size: boolean; readonly unitMs: number };
}

const KEEPS_ALL = { idsAndHistory: true, size: true, unitMs: 1 } as const;
const ALPACA_KEYS = { ALPACA_API_KEY_ID: 'k', ALPACA_API_SECRET_KEY: 's' };

export const MATRIX_PROVIDERS: readonly MatrixProvider[] = [
  { name: 'binance', source: 'binance', symbol: 'BTCUSDT', keys: {}, keeps: KEEPS_ALL },
  { name: 'alpaca', source: 'alpaca', symbol: 'IBM', keys: ALPACA_KEYS, keeps: KEEPS_ALL },
  { name: 'alpaca msgpack', source: 'alpaca', plan: 'sip+msgpack', symbol: 'IBM', keys: ALPACA_KEYS, keeps: KEEPS_ALL },
  { name: 'polygon', source: 'polygon', symbol: 'IBM', keys: { POLYGON_API_KEY: 'k' }, keeps: KEEPS_ALL },
  {
    name: 'finnhub',
    source: 'finnhub',
    symbol: 'IBM',
    keys: { FINNHUB_API_KEY: 'k' },
    keeps: { idsAndHistory: false, size: true, unitMs: 1 },
  },
  {
    name: 'twelvedata',
    source: 'twelvedata',
    symbol: 'IBM',
    keys: { TWELVEDATA_API_KEY: 'k' },
    keeps: { idsAndHistory: false, size: false, unitMs: 1_000 },
  },
];

/** Faults of the matrix by name: each alone, and all together. */
export const MATRIX_FAULTS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  disconnect: ['disconnect=2s'],
  mute: ['mute'],
  duplicate: ['duplicate=5%'],
  reorder: ['reorder'],
  late: ['late=2%:1s'],
  corrupt: ['corrupt=2%'],
  '5xx': ['5xx=50%', 'disconnect=2s'],
  all: ['disconnect=2s', 'mute', 'duplicate=5%', 'reorder', 'late=2%:1s', 'corrupt=2%', '5xx=30%'],
};

export interface MatrixTape {
  readonly rows: readonly string[];
  /** Seconds of the tape. */
  readonly seconds: number;
}

/** The first trades of a recorded day, from some hour of it on. */
export function recordedTape(file: string, skip: number, count: number): MatrixTape {
  const text = gunzipSync(readFileSync(join(DATA, 'ticks', file))).toString('utf8');
  return tapeOf(
    text
      .trimEnd()
      .split('\n')
      .slice(1 + skip, 1 + skip + count),
  );
}

/** Trades of an invented minute: bursts within a millisecond, identical neighbours, prices with many digits. */
export function inventedTape(count: number, seed: number): MatrixTape {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const rows: string[] = [];
  let [ms, price, size] = [1_700_060_400_000, '100.5', '1'];
  for (let i = 0; i < count; i++) {
    if (next() < 0.6) ms += Math.floor(next() * 120);
    if (next() < 0.9)
      [price, size] = [String(100 + Math.floor(next() * 900) / 100), String(1 + Math.floor(next() * 500))];
    rows.push(`${ms},${price},${size},,`);
  }
  return tapeOf(rows);
}

function tapeOf(rows: readonly string[]): MatrixTape {
  const first = Number(rows[0]?.split(',')[0]);
  const last = Number(rows.at(-1)?.split(',')[0]);
  return { rows, seconds: (last - first) / 1_000 };
}

export interface MatrixOutcome {
  readonly provider: string;
  readonly faults: string;
  readonly seed: number;
  readonly played: number;
  readonly exported: number;
  readonly duplicated: number;
  /** Events that the simulator sent twice. */
  readonly sentTwice: number;
  readonly lost: number;
  /** Trades of a damaged frame, an outage or a silence, as the simulator's log has them. */
  readonly neverSent: number;
  readonly isInOrder: boolean;
  readonly damagedFrames: number;
  readonly quarantined: Readonly<Record<string, number>>;
  readonly strikes: Readonly<Record<string, number>>;
  /** Ledger entries as `cause:state`. */
  readonly ledger: Readonly<Record<string, number>>;
  readonly verified: boolean;
  readonly seconds: number;
}

interface SimulatorLine {
  readonly type: string;
  readonly duplicated?: number;
  readonly fault?: string;
  readonly status?: number;
  readonly events?: readonly { readonly kind: string; readonly id?: string; readonly row: number }[];
}

interface GapRow {
  readonly from: string;
  readonly state: string;
  readonly reason: string;
  readonly source: string;
}

/** Longest time between the end of the tape and the last trade out of history. */
const LONGEST_MS = 60_000;
const LOOK_MS = 200;
/** Seconds that a paced run takes: enough for several cuts two seconds apart. */
const PACED_S = 9;

/** Plays a tape through a provider's simulator into a started Tickloom and compares what is exported with the tape. */
export async function playThrough(
  provider: MatrixProvider,
  tape: MatrixTape,
  faultName: string,
  options: { readonly seed?: number; readonly speed?: 'max' | 'paced' } = {},
): Promise<MatrixOutcome> {
  const { seed = 1, speed = faultName === 'none' ? 'max' : 'paced' } = options;
  const startedMs = performance.now();
  using folder = scratch();
  const file = join(folder.path, `${provider.symbol}.trades.csv`);
  writeFileSync(file, `ts,price,size,exchange,conditions\n${tape.rows.join('\n')}\n`);
  const log = join(folder.path, 'log.jsonl');
  const dataDir = join(folder.path, 'data');
  const faults = (MATRIX_FAULTS[faultName] ?? [faultName]).flatMap((fault) => ['--fault', fault]);
  const pace = speed === 'max' ? 'max' : String(Math.max(1, tape.seconds / PACED_S));
  const simulator = startTickloom([
    ...['simulate', provider.source, '--from', file, '--log', log, '--seed', String(seed), '--speed', pace],
    ...faults,
  ]);
  try {
    const [, port] = await simulator.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
    const set = {
      [`sources.${provider.source}.stream_url`]: `ws://127.0.0.1:${port}`,
      [`sources.${provider.source}.rest_url`]: `http://127.0.0.1:${port}`,
      [`sources.${provider.source}.silence_s`]: faults.some((each) => each.startsWith('mute')) ? '1.5' : '20',
      ...(provider.plan === undefined ? {} : { [`sources.${provider.source}.plan`]: provider.plan }),
      clock: 'source',
      'stores.batch_write_interval_s': '1',
    };
    const flags = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    await using live = await LiveTickloom.startWith(
      provider.keys,
      dataDir,
      ...['--source', provider.source, '--symbols', provider.symbol],
      ...flags,
    );
    await untilSettled(live, provider, tape.rows.length, () => readLog(log).some(({ type }) => type === 'ended'));
    // What the source does after the tape has ended is no hole in it.
    const lastMs = Number(tape.rows.at(-1)?.split(',')[0]);
    const gaps = (await gapRows(live)).filter(({ from }) => Date.parse(from) < lastMs);
    const quarantined = await quarantineCounts(live);
    await live.stop();
    const lines = readLog(log);
    const rows = await exported(dataDir, provider.symbol, 'trades', '--columns', 'all');
    const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
    return {
      provider: provider.name,
      faults: faultName,
      seed,
      played: tape.rows.length,
      ...compared(provider, tape, rows),
      neverSent: neverSent(lines),
      sentTwice: lines.findLast(({ type }) => type === 'ended')?.duplicated ?? 0,
      damagedFrames: lines.filter(({ type }) => type === 'damaged').length,
      quarantined,
      strikes: tally(
        lines.flatMap(({ fault, status }) => (fault === undefined ? [] : [status === undefined ? fault : '5xx'])),
      ),
      ledger: tally(gaps.map(({ reason, state }) => `${reason}:${state}`)),
      verified: report.digest_ok && report.duplicates === 0 && report.holes === 0,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    };
  } finally {
    simulator.process.kill('SIGTERM');
    await simulator.ended;
  }
}

/** Waits for the end of the tape and then until all of it is there, or nothing more comes. */
async function untilSettled(live: LiveTickloom, provider: MatrixProvider, wanted: number, isEnded: () => boolean) {
  let accepted = 0;
  let changedMs = performance.now();
  let endedMs: number | undefined;
  for (;;) {
    const nowMs = performance.now();
    const count = await acceptedTrades(live, provider.source);
    if (count !== accepted) changedMs = nowMs;
    accepted = count;
    if (endedMs === undefined && isEnded()) endedMs = nowMs;
    const quietMs = provider.keeps.idsAndHistory && accepted < wanted ? 15_000 : 3_500;
    if (endedMs !== undefined && nowMs - changedMs > quietMs && nowMs - endedMs > quietMs) {
      const isOpen =
        provider.keeps.idsAndHistory &&
        (await gapRows(live)).some(({ state }) => state === 'missing' || state === 'open');
      if (!isOpen || nowMs - endedMs > LONGEST_MS) return;
    }
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

async function gapRows(live: LiveTickloom): Promise<readonly GapRow[]> {
  return (await live.get<{ readonly gaps: readonly GapRow[] }>('/api/v1/gaps?limit=1000')).gaps;
}

async function acceptedTrades(live: LiveTickloom, source: string): Promise<number> {
  const text = await (await fetch(`${live.url}/metrics`)).text();
  const line = new RegExp(
    `^tickloom_events_accepted_total\\{(?=[^}]*kind="trade")(?=[^}]*source="${source}")[^}]*\\} (\\d+)$`,
    'm',
  ).exec(text);
  return Number(line?.[1] ?? 0);
}

async function quarantineCounts(live: LiveTickloom): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${live.url}/metrics`)).text();
  const counts: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(/^tickloom_events_quarantined_total\{([^}]*)\} (\d+)$/gm)) {
    const reason = /reason="([^"]*)"/.exec(labels)?.[1] ?? '';
    counts[reason] = (counts[reason] ?? 0) + Number(value);
  }
  return counts;
}

function readLog(path: string): SimulatorLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as SimulatorLine] : []));
}

/** Trades of which no sound frame ever left, by row: history alone has them. */
function neverSent(lines: readonly SimulatorLine[]): number {
  const sent = new Set<number>();
  const held = new Set<number>();
  for (const { type, events = [] } of lines) {
    for (const { kind, row } of events) if (kind === 'trade') (type === 'sent' ? sent : held).add(row);
  }
  return [...held].filter((row) => !sent.has(row)).length;
}

function compared(provider: MatrixProvider, tape: MatrixTape, rows: readonly Readonly<Record<string, string>>[]) {
  const { size: hasSize, unitMs } = provider.keeps;
  const textOf = (ts: string, price: string, size: string): string =>
    `${Math.floor(Number(ts) / unitMs)},${Number(price)}${hasSize ? `,${Number(size)}` : ''}`;
  const played = tape.rows.map((row) => {
    const [ts = '', price = '', size = ''] = row.split(',');
    return textOf(ts, price, size);
  });
  const stored = rows.map(({ ts = '', price = '', size = '' }) => textOf(ts, price, size));
  const counts = new Map<string, number>();
  for (const each of played) counts.set(each, (counts.get(each) ?? 0) + 1);
  for (const each of stored) counts.set(each, (counts.get(each) ?? 0) - 1);
  const left = [...counts.values()];
  return {
    exported: stored.length,
    lost: left.reduce((sum, count) => sum + Math.max(0, count), 0),
    duplicated: left.reduce((sum, count) => sum + Math.max(0, -count), 0),
    isInOrder: played.length === stored.length && played.every((each, i) => each === stored[i]),
  };
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
