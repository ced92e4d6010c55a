// Measures the claims of docs/performance.md: npm run bench -- [NAME…] [--json]
import { fork } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure, SuiteResult } from './figure.ts';

const SUITE_IDS = [
  'features.stream',
  'features.lockstep',
  'bars.build',
  'ingest.json',
  'patterns.candlesticks',
  'patterns.tolerance',
  'patterns.charts',
  'patterns.noise',
  'signals.universe',
  'replay.year',
  'replay.ticks',
  'lake.size',
  'lake.write',
  'fanout.1000',
  'publish.statement',
  'e2e.latency',
  'soak.live',
  'memory.1000',
];
const MOST_MS = 180_000;
/** Warm-up and measured time of the soak, which has a length of its own. */
const SOAK_MS = 2 * 60_000 * Number(process.env['TICKLOOM_SOAK_MINUTES'] ?? 1);

/** What `--json` prints. */
interface BenchDocument {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memory_gb: number;
    readonly node: string;
    readonly taken: string;
    /** Rows that could not be taken, and why. */
    readonly skipped: readonly string[];
    readonly notes: readonly string[];
  };
  readonly figures: readonly Figure[];
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const unknown = positionals.find((name) => !SUITE_IDS.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`tickloom bench: no figure "${unknown}"; there are ${SUITE_IDS.join(', ')}.\n`);
    return 2;
  }
  const ids = positionals.length === 0 ? SUITE_IDS : positionals;
  const results: SuiteResult[] = [];
  let failed = 0;
  for (const [i, id] of ids.entries()) {
    process.stderr.write(`bench ${i + 1}/${ids.length} ${id}\n`);
    const result = await runSuite(id);
    if (result === undefined) failed++;
    else results.push(result);
    for (const line of [...(result?.skipped ?? []), ...(result?.notes ?? [])]) process.stderr.write(`  ${line}\n`);
  }
  const document = describe(results);
  process.stdout.write(values.json ? `${JSON.stringify(document)}\n` : table(document.figures));
  return failed === 0 ? 0 : 1;
}

/** The result of a suite; `undefined`, with the reason on standard error, when it failed. */
function runSuite(id: string): Promise<SuiteResult | undefined> {
  return new Promise((resolve) => {
    const child = fork(new URL('./suite-process.ts', import.meta.url), [id], {
      stdio: ['ignore', 2, 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    let result: SuiteResult | undefined;
    const mostMs = MOST_MS + (id === 'soak.live' ? SOAK_MS : 0);
    const limit = setTimeout(() => {
      process.stderr.write(`bench ${id}: not done after ${mostMs / 1_000} s, stopped.\n`);
      child.kill('SIGKILL');
    }, mostMs);
    child.on('message', (message) => {
      result = message as SuiteResult;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      if (result === undefined) process.stderr.write(`bench ${id}: failed (${signal ?? `status ${code}`}).\n`);
      resolve(result);
    });
  });
}

function describe(results: readonly SuiteResult[]): BenchDocument {
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memory_gb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      taken: new Date().toISOString(),
      skipped: results.flatMap(({ skipped }) => skipped),
      notes: results.flatMap(({ notes }) => notes),
    },
    figures: results.flatMap(({ figures }) => figures),
  };
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ id, value, unit, against, ratio }) => [id, `${value} ${unit}`, `${ratio}x`, against]);
  const head = ['figure', 'value', 'ratio', 'against'];
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => (row[c] as string).length)));
  const line = (row: readonly string[]): string => row.map((cell, c) => cell.padEnd(widths[c] as number)).join('  ');
  return `${[head, ...rows].map((row) => line(row).trimEnd()).join('\n')}\n`;
}

process.exitCode = await main(process.argv.slice(2));
