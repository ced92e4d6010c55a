import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LiveTickloom as Live, type LiveTickloom, scratch, startTickloom } from './tickloom.ts';

const TLS = join(import.meta.dirname, '../support/tls');
const ROWS = 100;

interface SecureRun {
  /** Certificate that the simulator shows. */
  readonly certificate: string;
  readonly caFile?: string;
}

/** Starts the alpaca adapter over wss and https against a simulator with a certificate. */
async function secured<T>(
  { certificate, caFile }: SecureRun,
  visit: (args: { readonly flags: readonly string[]; readonly dataDir: string }) => Promise<T>,
): Promise<T & { readonly lines: readonly string[] }> {
  using folder = scratch();
  const tape = join(folder.path, 'IBM.trades.csv');
  const rows = Array.from({ length: ROWS }, (_each, i) => `${1_700_060_400_000 + 20 * i},${100 + (i % 7)}.5,${1 + i}`);
  writeFileSync(tape, `ts,price,size\n${rows.join('\n')}\n`);
  const log = join(folder.path, 'log.jsonl');
  const tls = ['--tls-cert', join(TLS, certificate), '--tls-key', join(TLS, 'server-key.pem')];
  const simulator = startTickloom(['simulate', 'alpaca', '--from', tape, '--speed', 'max', '--log', log, ...tls]);
  try {
    const [, port] = await simulator.waitFor(/wss:\/\/127\.0\.0\.1:(\d+)/);
    const set = [
      `sources.alpaca.stream_url=wss://127.0.0.1:${port}`,
      `sources.alpaca.rest_url=https://127.0.0.1:${port}`,
      'clock=source',
      ...(caFile === undefined ? [] : [`sources.alpaca.ca_file=${join(TLS, caFile)}`]),
    ];
    const flags = ['--source', 'alpaca', '--symbols', 'IBM', ...set.flatMap((each) => ['--set', each])];
    const found = await visit({ flags, dataDir: join(folder.path, 'data') });
    return { ...found, lines: readFileSync(log, 'utf8').trimEnd().split('\n') };
  } finally {
    simulator.process.kill('SIGTERM');
    await simulator.ended;
  }
}

const KEYS = { ALPACA_API_KEY_ID: 'k', ALPACA_API_SECRET_KEY: 's' };

describe('a source over wss and https', () => {
  test.concurrent('with the authority of the certificate in ca_file: all of the tape comes', async () => {
    const { accepted } = await secured({ certificate: 'server.pem', caFile: 'ca.pem' }, async ({ flags, dataDir }) => {
      await using live: LiveTickloom = await Live.startWith(KEYS, dataDir, ...flags);
      const trades = async (): Promise<number> => {
        const text = await (await fetch(`${live.url}/metrics`)).text();
        return Number(/^tickloom_events_accepted_total\{(?=[^}]*kind="trade")[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
      };
      await expect.poll(trades, { timeout: 30_000 }).toBe(ROWS);
      return { accepted: await trades() };
    });
    expect(accepted).toBe(ROWS);
  }, 60_000);

  for (const [name, run, code] of [
    ['without it', { certificate: 'server.pem' }, 'UNABLE_TO_|SELF_SIGNED'],
    ['with an expired certificate', { certificate: 'expired.pem', caFile: 'ca.pem' }, 'CERT_HAS_EXPIRED'],
  ] as const) {
    test.concurrent(`${name}: one sentence, status 2, nothing is sent and nothing tried for ever`, async () => {
      const { result, lines } = await secured(run, async ({ flags, dataDir }) => {
        const program = startTickloom(['start', '--port', '0', '--data-dir', dataDir, ...flags], undefined, KEYS);
        return { result: await program.ended };
      });
      expect(result.code).toBe(2);
      const said = result.stderr.split('\n').filter((line) => /certificate/.test(line));
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(new RegExp(`certificate of alpaca can not be trusted \\((${code})`));
      expect(said[0]).toContain('sources.alpaca.ca_file');
      expect(result.stderr).not.toMatch(/stream_ended|symbols_unchecked/);
      expect(lines.filter((line) => /"type":"(connected|request)"/.test(line))).toEqual([]);
    }, 60_000);
  }
});
