import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { StatementSink } from '../../src/api/index.ts';
import { loadConfig } from '../../src/app/config/index.ts';
import { Pipeline } from '../../src/app/pipeline.ts';
import { replayInput } from '../../src/app/replay-input.ts';
import { EventStore, LocalBus } from '../../src/bus/index.ts';
import { systemClock } from '../../src/host/index.ts';
import { StatementLedger } from '../support/statement-ledger.ts';

const DATA = resolve(process.env['TICKLOOM_TEST_DATA'] ?? '../shared/data');
const hasData = existsSync(join(DATA, 'ticks'));
/** Rows of each input: hours of a busy tape, days of bars. */
const MAX_TICKS = 4_000;
const MAX_BARS = 500;

const schema = JSON.parse(readFileSync(new URL('../../schema/events.schema.json', import.meta.url), 'utf8')) as object;
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isEvent = ajv.compile(schema);

/** One input for each symbol: the first day of its ticks, or else a file of its bars. */
function inputs(): [string, string[]][] {
  const bySymbol = new Map<string, [string, string[]]>();
  for (const symbol of list('ticks')) {
    const files = list('ticks', symbol);
    const day = String(files[0]).slice(0, 10);
    const ofDay = files.filter((name) => name.startsWith(day)).map((name) => join('ticks', symbol, name));
    bySymbol.set(symbol, [`ticks/${symbol}`, ofDay]);
  }
  for (const folder of ['daily', 'minute', 'hour', 'second']) {
    for (const name of list(folder)) {
      const symbol = name.replace(/(\.(ask|bid|splitadjusted))?\.csv\.gz$/, '');
      if (!bySymbol.has(symbol)) bySymbol.set(symbol, [`${folder}/${name}`, [join(folder, name)]]);
    }
  }
  return [...bySymbol.values()];
}

function list(...folders: string[]): string[] {
  const path = join(DATA, ...folders);
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** Runs the pipeline of a replay over files, and gives every statement to the bus as a live run does. */
async function statementsOf(paths: readonly string[], timeframes: string, maxRows: number): Promise<StatementLedger> {
  const flags = [{ key: 'patterns.timeframes', value: timeframes, flag: '--set' }];
  const { config } = loadConfig({ flags, environment: {}, dotEnv: new Map() });
  const input = await replayInput(
    paths.map((path) => join(DATA, path)),
    config,
    {},
  );
  const universe = input.newUniverse();
  const store = new EventStore({ path: ':memory:', maxEvents: 1_000_000 });
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const bus = new LocalBus({ store, clock: systemClock, origin: 'test', onFailure });
  bus.goLive();
  const ledger = new StatementLedger((event) => (isEvent(event) ? undefined : ajv.errorsText(isEvent.errors)));
  bus.listen(({ text }) => ledger.take(JSON.parse(text) as never));
  const sink = new StatementSink({ bus, universe, timeframes: input.settings.timeframes });
  const { engine } = new Pipeline(input.settings, universe, [sink]);
  let rows = 0;
  for await (const batch of input.open(universe)) {
    engine.handle(batch);
    rows += batch.length;
    if (rows >= maxRows) break;
  }
  bus.close();
  return ledger;
}

describe.skipIf(!hasData)('statements about recorded markets, as the wire has them (needs TICKLOOM_TEST_DATA)', () => {
  test.each(inputs())(
    '%s',
    async (name, paths) => {
      const isTicks = name.startsWith('ticks');
      const ledger = await statementsOf(paths, '1s,1m,5m,15m,1h,1d', isTicks ? MAX_TICKS : MAX_BARS);
      expect(ledger.faults.slice(0, 5), `${ledger.faults.length} faults`).toEqual([]);
      expect(ledger.counts.get('pattern_match new')).toBeGreaterThan(0);
    },
    60_000,
  );
});
