import { describe, expect, test } from 'vitest';
import {
  inventedTape,
  MATRIX_FAULTS,
  MATRIX_PROVIDERS,
  type MatrixOutcome,
  type MatrixProvider,
  type MatrixTape,
  playThrough,
  recordedTape,
} from './fault-matrix-run.ts';
import { hasData } from './tickloom.ts';

/**
 * What the default run plays; `TICKLOOM_TEST_FAULT_MATRIX=full` plays every fault through every provider, by
 * `TICKLOOM_TEST_FAULT_SEED` and, with `TICKLOOM_TEST_FAULT_TAPE=recorded`, out of recorded trades.
 */
const SUBSET: readonly (readonly [provider: string, faults: string])[] = [
  ['binance', 'all'],
  ['alpaca msgpack', 'disconnect'],
  ['polygon', 'corrupt'],
  ['twelvedata', 'corrupt'],
];

const isFull = process.env['TICKLOOM_TEST_FAULT_MATRIX'] === 'full';
const seed = Number(process.env['TICKLOOM_TEST_FAULT_SEED'] ?? 3);
const isRecorded = process.env['TICKLOOM_TEST_FAULT_TAPE'] === 'recorded' && hasData;

function tapeFor({ symbol }: MatrixProvider): MatrixTape {
  if (!isRecorded) return inventedTape(1_500, seed);
  const file = symbol === 'IBM' ? 'IBM/2013-10-08.trades.csv.gz' : 'BTCUSDT.binance/2024-08-08.trades.csv.gz';
  return recordedTape(file, 200 * seed, 1_500);
}

/** What must hold of any run. */
function checkCommon(outcome: MatrixOutcome): void {
  expect(outcome.verified).toBe(true);
  expect(outcome.quarantined['bad-frame'] ?? 0).toBe(outcome.damagedFrames);
}

/** Everything once, in order, and a ledger of the holes that happened and no others. */
function checkWhole(faults: string, outcome: MatrixOutcome): void {
  expect(outcome).toMatchObject({ exported: outcome.played, lost: 0, duplicated: 0, isInOrder: true });
  expect(outcome.quarantined['duplicate'] ?? 0).toBeLessThanOrEqual(outcome.sentTwice);
  const entries = Object.entries(outcome.ledger);
  for (const [entry] of entries) expect(entry).toMatch(/:backfilled$/);
  const outages = (outcome.ledger['disconnect:backfilled'] ?? 0) + (outcome.ledger['mute:backfilled'] ?? 0);
  const strikes = (outcome.strikes['disconnect'] ?? 0) + (outcome.strikes['mute'] ?? 0);
  if (faults === 'all') expect(outages).toBeLessThanOrEqual(strikes);
  else expect(outages).toBe(strikes);
  if (outcome.damagedFrames > 0 && faults === 'corrupt') {
    const told = entries.reduce((sum, [, count]) => sum + count, 0);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(outcome.damagedFrames);
  }
  if (['none', 'duplicate', 'reorder'].includes(faults)) expect(entries).toEqual([]);
}

/** Without ids and past trades: nothing is made up, and what was lost is in the ledger as missing. */
function checkPartial(faults: string, outcome: MatrixOutcome): void {
  expect(outcome.duplicated).toBeLessThanOrEqual(outcome.sentTwice);
  expect(outcome.played - outcome.lost + outcome.duplicated).toBe(outcome.exported);
  const missing = Object.entries(outcome.ledger).filter(([entry]) => entry.endsWith(':missing'));
  const told = missing.reduce((sum, [, count]) => sum + count, 0);
  if (['none', 'duplicate', 'reorder', 'late'].includes(faults)) expect(outcome).toMatchObject({ lost: 0, ledger: {} });
  else expect(told).toBeGreaterThan(0);
}

describe('faults of the network and of the provider, played through simulators', () => {
  for (const provider of MATRIX_PROVIDERS) {
    for (const faults of Object.keys(MATRIX_FAULTS)) {
      if (!isFull && !SUBSET.some(([name, kind]) => name === provider.name && kind === faults)) continue;
      const run = isFull ? test : test.concurrent;
      run(
        `${provider.name}: ${faults}`,
        async () => {
          const outcome = await playThrough(provider, tapeFor(provider), faults, { seed });
          if (isFull) process.stderr.write(`${JSON.stringify(outcome)}\n`);
          checkCommon(outcome);
          if (provider.keeps.idsAndHistory) checkWhole(faults, outcome);
          else checkPartial(faults, outcome);
        },
        150_000,
      );
    }
  }
});
