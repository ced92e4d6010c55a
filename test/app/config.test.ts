import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type ConfigInputs,
  configurationTable,
  exampleFile,
  jsonSchema,
  loadConfig,
} from '../../src/app/config/index.ts';

const NOTHING: ConfigInputs = { flags: [], environment: {}, dotEnv: new Map() };

function load(yaml: string, further: Partial<ConfigInputs> = {}) {
  return loadConfig({ ...NOTHING, ...further, file: { name: 'tickloom.yaml', text: yaml } });
}

function refusal(yaml: string, further: Partial<ConfigInputs> = {}): string {
  try {
    load(yaml, further);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('precedence', () => {
  it('is flag over environment over .env over file over default, for any mix', () => {
    const layers = fc.record({ flag: fc.boolean(), env: fc.boolean(), dotEnv: fc.boolean(), file: fc.boolean() });
    fc.assert(
      fc.property(layers, (set) => {
        const { config, entries } = loadConfig({
          flags: set.flag ? [{ key: 'bars.window', value: '101', flag: '--set' }] : [],
          environment: set.env ? { MAX_BARS_CACHE: '102' } : {},
          dotEnv: new Map(set.dotEnv ? [['MAX_BARS_CACHE', '103']] : []),
          ...(set.file ? { file: { name: 'f.yaml', text: 'bars: {window: 104}' } } : {}),
        });
        const [value, origin] = set.flag
          ? [101, 'flag']
          : set.env
            ? [102, 'env']
            : set.dotEnv
              ? [103, '.env']
              : set.file
                ? [104, 'file']
                : [5_000, 'default'];
        expect(config.bars.window).toBe(value);
        expect(entries.find((entry) => entry.path === 'bars.window')?.origin).toBe(origin);
      }),
    );
  });

  it('reads lists, numbers and flags from text', () => {
    const { config } = load('', {
      environment: {
        SYMBOLS: 'NAS100,XAUUSD,EURUSD',
        BATCH_WRITE_INTERVAL: '2.5',
        TICKLOOM__RECORDER__ENABLED: 'false',
      },
    });
    expect(config.symbols).toEqual(['NAS100', 'XAUUSD', 'EURUSD']);
    expect(config.stores.batch_write_interval_s).toBe(2.5);
    expect(config.recorder.enabled).toBe(false);
  });
});

describe('errors', () => {
  it('name file, line, column, key and what is allowed', () => {
    expect(refusal('bars:\n  windw: 5\n')).toBe(
      'tickloom.yaml:2:3 bars.windw: unknown key; did you mean "window"? allowed: timeframes, close_delay_ms, revision_window_ms, condition_rules, window, ring_ticks',
    );
    expect(refusal('bars:\n  condition_rules: foo\n')).toContain(
      'tickloom.yaml:2:3 bars.condition_rules: found "foo", allowed: sip, algoseek, all',
    );
    expect(refusal('api:\n\n  port: 70000\n')).toMatch(/^tickloom.yaml:3:3 api.port: found 70000, must be <= 65535/);
    expect(refusal('', { environment: { MAX_BARS_CACHE: 'many' } })).toMatch(
      /^MAX_BARS_CACHE bars.window: found "many", must be integer/,
    );
    expect(refusal('- 1\n')).toMatch(/mapping/);
  });

  it('refuse what is no plain YAML, quickly', () => {
    expect(refusal('a: 1\na: 2\n')).toMatch(/^tickloom.yaml:2:1 /);
    expect(refusal('bars:\n\twindow: 5\n')).toMatch(/^tickloom.yaml:2:/);
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 9; i++) {
      const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`);
    }
    expect(refusal(bomb.join('\n'))).toMatch(/alias/i);
    expect(refusal('__proto__:\n  polluted: true\n')).toMatch(/unknown key/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('documents', () => {
  it('are current: npm run schema writes them', () => {
    expect(readFileSync('schema/tickloom.schema.json', 'utf8')).toBe(jsonSchema());
    expect(readFileSync('tickloom.example.yaml', 'utf8')).toBe(exampleFile());
    expect(readFileSync('docs/configuration.md', 'utf8')).toContain(configurationTable());
  });

  it('the schema is one that editors understand (draft 7) and accepts the example', () => {
    const schema = JSON.parse(jsonSchema()) as { $schema: string; properties: Record<string, unknown> };
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const check = new Ajv({ strict: true, strictTypes: false }).compile(schema);
    expect(check(parse(exampleFile()))).toBe(true);
    expect(check({ bars: { window: 60 } })).toBe(true);
    expect(check({ bars: { windw: 60 } })).toBe(false);
    expect(check({ bars: { window: 'many' } })).toBe(false);
    expect(exampleFile().split('\n')[0]).toBe('# yaml-language-server: $schema=./schema/tickloom.schema.json');
  });

  it('the example is valid and changes nothing', () => {
    const { entries } = load(exampleFile());
    const defaults = loadConfig(NOTHING).entries;
    expect(entries.map(({ path, value }) => [path, value])).toEqual(defaults.map(({ path, value }) => [path, value]));
  });

  it('the streaming section of the 15-minute system is accepted as it stands', () => {
    const { config } = load(`streaming:
  enabled: true
  provider: demo
  ticker: XOM
  interval: "1s"
  pattern_matching:
    tolerance_pct: 5.0
    min_confidence_threshold: 50
    trigger_threshold: 90
  regime_detection:
    window_size: 20
    volatility_thresholds:
      low: 1.5
      medium: 3.0
  estimation:
    base_weight: 0.4
    regime_weight: 0.3
    confidence_weight: 0.3
  dashboard:
    ws_port: 5001
`);
    expect(config.streaming).toMatchObject({ enabled: true, ticker: 'XOM', dashboard: { ws_port: 5001 } });
  });
});
