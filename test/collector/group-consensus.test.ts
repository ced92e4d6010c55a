import { expect, test } from 'vitest';
import { DEFAULT_CONSENSUS } from '../../src/collector/consensus.ts';
import { DEFAULT_ENGINE_SETTINGS, Engine } from '../../src/engine/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { groupedRun, KillableProvider, undisturbed } from './grouped-run.ts';
import { tapeOf } from './simulated-run.ts';

const TRADES = 800;

/** A copy of a tape whose prices are changed. */
function changed(rows: EventBatch, price: (row: number, price: number) => number): EventBatch {
  const copy = new EventBatch(rows.length);
  copy.copyRows(rows, 0, rows.length);
  for (let row = 0; row < copy.length; row++) copy.p0[row] = price(row, copy.p0[row] as number);
  return copy;
}

async function compared(
  primaryRows: EventBatch,
  rows: EventBatch,
  universe: Universe,
  isDone: (told: number) => boolean,
) {
  const primary = new KillableProvider('alpaca', primaryRows, universe, 2);
  const secondary = new KillableProvider('polygon', rows, universe, 2);
  await Promise.all([primary.start(), secondary.start()]);
  let doneSince = 0;
  const run = await groupedRun({
    providers: [primary, secondary],
    symbols: ['AAPL'],
    clock: 'source',
    consensus: { ...DEFAULT_CONSENSUS, divergenceMs: 1_000 },
    longestMs: 20_000,
    isDone: (so) => {
      doneSince = isDone(so.accepted.length + so.rejected.length) ? doneSince + 1 : 0;
      return doneSince > 20;
    },
  });
  await Promise.all([primary.kill(), secondary.kill()]);
  return run;
}

test('a print that the other source does not have goes to quarantine with what that one said; a replay of the tape refuses it too', async () => {
  const universe = new Universe();
  const rows = tapeOf(['AAPL'], TRADES, 5, universe);
  const bad = new Set([300, 500]);
  const primaryRows = changed(rows, (row, price) => (bad.has(row) ? price * 1.07 : price));
  const run = await compared(primaryRows, rows, universe, (told) => told >= TRADES);
  const wanted = undisturbed(rows, universe).prints.filter((_, row) => !bad.has(row));
  expect([...run.accepted].sort()).toEqual(wanted.sort());
  expect(run.rejected.map(({ reason }) => reason)).toEqual(['no-consensus', 'no-consensus']);
  for (const { detail } of run.rejected) expect(detail).toMatch(/confirmed by no other source: polygon had \d+ prices/);
  const replayed: string[] = [];
  const engine = new Engine(DEFAULT_ENGINE_SETTINGS, run.universe, {
    onReject: (_batch, _row, reason) => replayed.push(reason),
  });
  for (const batch of run.tape) engine.handle(batch);
  expect(replayed).toEqual(['no-consensus', 'no-consensus']);
}, 40_000);

test('a jump that both sources have is the market; feeds that stay apart are told, and nothing is refused', async () => {
  const universe = new Universe();
  const rows = changed(tapeOf(['AAPL'], TRADES, 6, universe), (row, price) => (row < 200 ? price : price * 1.05));
  const agreed = await compared(rows, rows, universe, (told) => told >= TRADES);
  expect(agreed.rejected).toEqual([]);
  expect(agreed.accepted).toHaveLength(TRADES);
  expect(agreed.commands).toEqual([]);
  const calm = tapeOf(['AAPL'], TRADES, 7, universe);
  const apart = await compared(
    changed(calm, (_row, price) => price * 1.02),
    calm,
    universe,
    (told) => told >= TRADES,
  );
  expect(apart.rejected).toEqual([]);
  expect(apart.commands).toEqual(['feed_divergence']);
}, 60_000);
