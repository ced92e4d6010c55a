import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Calendars } from '../../src/calendar/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { QualityGate, REASON_WEIGHTS } from '../../src/quality/index.ts';

const data = process.env.TICKLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../shared/data');

/** Judges every row of a recorded file; gives the share of events per reason, and the refusals. */
function judge(symbol: string, file: string): { events: number; refused: number; share: Record<string, number> } {
  const universe = new Universe();
  const source = universe.sources.intern('recorded');
  const id = universe.intern(symbol);
  const gate = new QualityGate(universe, new Calendars());
  const batch = new EventBatch(1);
  const [head, ...lines] = gunzipSync(readFileSync(join(data, 'ticks', file)))
    .toString('utf8')
    .trimEnd()
    .split('\n') as [string, ...string[]];
  const names = head.split(',');
  const number = (fields: string[], name: string): number => {
    const text = fields[names.indexOf(name)] ?? '';
    return text === '' ? Number.NaN : Number(text);
  };
  let recvUs = 0;
  for (const line of lines) {
    const fields = line.split(',');
    const tsUs = number(fields, 'ts') * 1_000;
    recvUs = Math.max(recvUs, tsUs);
    batch.clear();
    if (names.includes('price')) {
      const row = batch.addTrade(id, source, tsUs, recvUs, number(fields, 'price'), number(fields, 'size'));
      batch.conditions[row] = universe.conditions.intern(fields[names.indexOf('conditions')] ?? '');
    } else {
      const sides = ['bid', 'bidSize', 'ask', 'askSize'].map((name) => number(fields, name));
      batch.addQuote(id, source, tsUs, recvUs, ...(sides as [number, number, number, number]));
    }
    gate.validate(batch, 0);
  }
  const accepted = gate.rejectCounts[0] as number;
  const share = Object.fromEntries(
    REASON_WEIGHTS.map(({ name }, i) => [name, (gate.reasonCounts[i] as number) / accepted]),
  );
  return { events: lines.length, refused: lines.length - accepted, share };
}

describe.skipIf(!existsSync(join(data, 'ticks')))('recorded ticks', () => {
  it('IBM trades: none refused, identical neighbours kept, hardly an outlier', () => {
    const { events, refused, share } = judge('IBM', 'IBM/2013-10-08.trades.csv.gz');
    expect(events).toBeGreaterThan(10_000);
    expect(refused).toBe(0);
    expect(share.outlier).toBeLessThan(0.001);
    expect(share['outside-session']).toBe(0);
  });

  it('EURUSD of FXCM: about a tenth crossed, as its description says, none refused', () => {
    const { refused, share } = judge('EURUSD', 'EURUSD.fxcm/2014-05-02.quotes.csv.gz');
    expect(refused).toBe(0);
    expect(share.crossed).toBeGreaterThan(0.05);
    expect(share.crossed).toBeLessThan(0.15);
    expect(share.outlier).toBeLessThan(0.001);
    expect(share['outside-session']).toBe(0);
    expect(share['zero-size']).toBe(0);
  });
});
