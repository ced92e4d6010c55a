import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../support/run-program.ts';
import { runTickloom } from '../support/run-tickloom.ts';
import { userEnvironment } from '../support/user-environment.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-live-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ids of the exported trades of one symbol. */
async function exportedIds(): Promise<readonly number[]> {
  const { code, stderr } = await runTickloom(
    ['export', '--symbol', 'AAPL', '--kind', 'trades', '--out', 'out.csv', '--columns', 'default'],
    { cwd: folder },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [header, ...lines] = readFileSync(join(folder, 'out.csv'), 'utf8').trim().split('\n');
  expect(header).toBe('ts,price,size,exchange,conditions,id');
  return lines.map((line) => Number(line.split(',')[5]));
}

/** Waits until the tape of a run holds so many events more than at the call, durably. */
async function recordedMore(health: string, events: number): Promise<void> {
  let first: number | undefined;
  for (;;) {
    const answer = (await (await fetch(health)).json()) as { components: { recorder: { durable_seq: number } } };
    const seq = answer.components.recorder.durable_seq;
    first ??= seq;
    if (seq > first + events && seq > 100) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('an export holds everything that was recorded: while a run goes on, after a kill, after the next start', async () => {
  const launcher = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));
  const settings = ['api.port=0', 'sources.demo.rate=60', 'stores.lake_flush_s=1', 'recorder.snapshot_every_s=2'];
  const args = [
    launcher,
    'start',
    ...settings.flatMap((pair) => ['--set', pair]),
    '--set',
    'sources.demo.past_hours=0',
  ];
  const exports: (readonly number[])[] = [];
  for (let round = 0; round < 2; round++) {
    const program = startProgram(process.execPath, args, { cwd: folder, env: userEnvironment() });
    const [, url] = await program.waitFor(/Tickloom is running: (\S+)/);
    await recordedMore(`${url}/health`, exports.length * 100);
    exports.push(await exportedIds());
    exports.push(await exportedIds());
    program.process.kill('SIGKILL');
    await program.ended;
    exports.push(await exportedIds());
  }
  // Without a hole, without a double, in order.
  const breaks = exports.map((ids) =>
    ids.flatMap((id, i) => (i === 0 || id === (ids[i - 1] as number) + 1 ? [] : [[ids[i - 1], id]])),
  );
  expect(breaks).toEqual(exports.map(() => []));
  const lasts = exports.map((ids) => ids.at(-1) as number);
  expect(lasts).toEqual(lasts.toSorted((a, b) => a - b));
  expect(new Set(exports.map((ids) => ids[0])).size).toBe(1);
}, 120_000);
