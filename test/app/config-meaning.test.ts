import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMeaning } from '../../src/app/config/check-meaning.ts';
import { type ConfigInputs, configurationNotes, loadConfig, readSecrets } from '../../src/app/config/index.ts';

function load(yaml: string, further: Partial<ConfigInputs> = {}) {
  return loadConfig({
    flags: [],
    environment: {},
    dotEnv: new Map(),
    ...further,
    file: { name: 'tickloom.yaml', text: yaml },
  });
}

/** Problems of a configuration, a line each; empty when it is good. */
function problems(yaml: string, further: Partial<ConfigInputs> = {}): string[] {
  try {
    checkMeaning(load(yaml, further));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('sources', () => {
  it('that this version has are accepted, others named with where they stand', () => {
    expect(problems('source: [demo]')).toEqual([]);
    expect(problems('source: [binance]')).toEqual([]);
    expect(problems('source:\n  - demo\n  - nowhere\n')).toEqual([
      expect.stringMatching(/^tickloom\.yaml:3:5 source: there is no source "nowhere"; available: demo, binance/),
    ]);
    const flag = { flags: [{ key: 'source', value: 'dmo', flag: '--source' }] };
    expect(problems('', flag)).toEqual([
      expect.stringMatching(/^--source source: there is no source "dmo"; did you mean "demo"\?/),
    ]);
  });
});

describe('calendars', () => {
  const nse = `calendars:
  nse:
    zone: Asia/Kolkata
    weeks:
      - segments:
          - {days: [mon, tue], kind: regular, from: "09:15", to: "15:30"}
instruments:
  FORTIS: {calendar: nse}
`;

  it('are accepted when they can be read, and instruments may name them', () => {
    expect(problems(nse)).toEqual([]);
    expect(problems('calendars: {us-equity: {extends: us-equity, holidays: ["2027-03-03"]}}')).toEqual([]);
  });

  it('are refused with the place of the very value that is wrong', () => {
    expect(problems(nse.replace('15:30', '15:3'))[0]).toMatch(
      /^tickloom\.yaml:6:62 calendars\.nse\.weeks\[0\]\.segments\[0\]\.to: found 15:3, allowed: a time/,
    );
    expect(problems(nse.replace('Asia/Kolkata', 'Mars/Base'))[0]).toMatch(
      /^tickloom\.yaml:3:5 calendars\.nse\.zone: found Mars\/Base, allowed: an IANA time zone/,
    );
    expect(problems('calendars: {forex: {zone: UTC, weeks: []}}')[0]).toMatch(/calendars\.forex/);
    expect(problems('calendars: {nse: {id: bse}}')[0]).toMatch(/calendars\.nse\.id: leave it out/);
    expect(problems('instruments: {AAPL: {calendar: lunar}}')).toEqual([
      'tickloom.yaml:1:22 instruments.AAPL.calendar: found "lunar", allowed: us-equity, forex, crypto, always',
    ]);
  });
});

describe('timeframes and features', () => {
  it('agree with each other', () => {
    expect(problems('bars: {timeframes: [1m, 5m]}\nfeatures: {timeframes: [300s]}')).toEqual([]);
    expect(problems('bars: {timeframes: [1m, 60s]}')[0]).toMatch(/1:25 bars\.timeframes: "60s" is 1m, which is listed/);
    expect(problems('bars: {timeframes: [1m]}\nfeatures: {timeframes: [1h]}')[0]).toMatch(
      /2:25 features\.timeframes: "1h" is not built; allowed \(bars\.timeframes\): 1m$/,
    );
    expect(problems('features: {names: [sma_20, smaa]}')[0]).toMatch(/1:28 features\.names: Feature "smaa"/);
  });
});

describe('keys with dots', () => {
  it('reach a symbol from the file, a flag and a variable', () => {
    const { config } = load('instruments: {BRK.B: {currency: EUR}, BRK.A: {currency: EUR}}', {
      flags: [{ key: 'instruments.BRK.B.calendar', value: 'forex', flag: '--set' }],
      environment: { TICKLOOM__INSTRUMENTS__AAPL__CURRENCY: 'CHF' },
    });
    expect(config.instruments).toEqual({
      'BRK.B': { currency: 'EUR', calendar: 'forex' },
      'BRK.A': { currency: 'EUR' },
      AAPL: { currency: 'CHF' },
    });
  });

  it('are the same whichever layer says them', () => {
    const symbol = fc.stringMatching(/^[A-Z][A-Z0-9]{0,4}(\.[A-Z])?$/);
    fc.assert(
      fc.property(symbol, (name) => {
        const byFile = load(`instruments: {"${name}": {currency: EUR}}`).config.instruments;
        const flags = [{ key: `instruments.${name}.currency`, value: 'EUR', flag: '--set' }];
        expect(load('', { flags }).config.instruments).toEqual(byFile);
      }),
    );
  });
});

describe('environment', () => {
  it('knows every name of the source systems and checks its value', () => {
    const names: readonly (readonly [string, string, string, unknown])[] = [
      ['ALPACA_REALTIME_ENABLED', 'true', 'sources.alpaca.realtime_enabled', true],
      ['COLLECTION_INTERVAL', '3', 'collector.interval_s', 3],
      ['MAX_BARS_CACHE', '600', 'bars.window', 600],
      ['BATCH_WRITE_INTERVAL', '4', 'stores.batch_write_interval_s', 4],
      ['FEATURE_CACHE_TTL', '5', 'features.cache_ttl_s', 5],
      ['REDIS_POOL_SIZE', '6', 'redis.pool_size', 6],
      ['HTTP_POOL_SIZE', '7', 'http.pool_size', 7],
      ['SYMBOLS', 'NAS100,XAUUSD', 'symbols', ['NAS100', 'XAUUSD']],
      ['TICKLOOM_DATA_DIR', '/d', 'data_dir', '/d'],
    ];
    for (const [name, text, path, value] of names) {
      const { entries } = load('', { environment: { [name]: text } });
      expect(entries.find((entry) => entry.path === path)).toEqual({ path, value, origin: 'env', where: name });
    }
    expect(() => load('', { environment: { COLLECTION_INTERVAL: 'fast' } })).toThrow(
      'COLLECTION_INTERVAL collector.interval_s: found "fast", must be number; allowed: a number from 0.1 to 86400',
    );
  });

  it('prefers the name that spells the key out', () => {
    const environment = { TICKLOOM__BARS__WINDOW: '201', MAX_BARS_CACHE: '202' };
    expect(load('', { environment }).config.bars.window).toBe(201);
  });

  it('says what is set without effect, and only that', () => {
    const set = load('streaming: {enabled: true, dashboard: {ws_port: 5001}}\nbars: {window: 60}', {
      environment: { REDIS_POOL_SIZE: '3' },
    });
    expect(configurationNotes(set.entries)).toEqual([
      'REDIS_POOL_SIZE redis.pool_size is read and checked, but has no effect in this version.',
    ]);
  });
});

describe('secrets', () => {
  const CANARY = 'CANARY-7f3a9d21c4';

  it('come from the environment before .env, and from files, and do not show themselves', () => {
    const files = new Map([['/run/k', `${CANARY}\n`]]);
    const read = (path: string): string => files.get(path) ?? '';
    const secrets = readSecrets(
      { POLYGON_API_KEY: '', FRED_API_KEY_FILE: '/run/k' },
      new Map([
        ['POLYGON_API_KEY', 'from .env'],
        ['FRED_API_KEY', 'weaker than the environment'],
      ]),
      read,
    );
    expect(secrets.get('POLYGON_API_KEY')?.reveal()).toBe('from .env');
    expect(secrets.get('POLYGON_API_KEY')).toMatchObject({ origin: '.env', where: 'POLYGON_API_KEY' });
    const fred = secrets.get('FRED_API_KEY');
    expect(fred?.reveal()).toBe(CANARY);
    expect(fred).toMatchObject({ origin: 'env', where: 'FRED_API_KEY_FILE' });
    expect(JSON.stringify({ fred, text: `${fred}`, keys: Object.entries(fred ?? {}) })).not.toContain(CANARY);
  });
});
