import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTickloom } from '../support/run-tickloom.ts';
import { userEnvironment } from '../support/user-environment.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMMANDS = ['start', 'replay', 'import', 'export', 'verify', 'doctor', 'config', 'bench'];

describe('help and version', () => {
  test('are results: on standard output, status 0', async () => {
    const [help, version] = await Promise.all([
      runTickloom(['--help'], { cwd: folder }),
      runTickloom(['--version'], { cwd: folder }),
    ]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    for (const flag of ['--config', '--data-dir', '--set', '--log-level', '--no-color', '--no-input', '--version']) {
      expect(help.stdout).toContain(flag);
    }
    const manifest = new URL('../../package.json', import.meta.url);
    const expected = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
    expect(version).toMatchObject({ code: 0, stdout: `${expected}\n`, stderr: '' });
  });

  test('-h anywhere shows the help of its command, whatever else is there', async () => {
    const [before, after] = await Promise.all([
      runTickloom(['export', '-h', '--symbol', 'AAPL'], { cwd: folder }),
      runTickloom(['replay', 'x.csv', '--speed', '20', '--help'], { cwd: folder }),
    ]);
    expect(before).toMatchObject({ code: 0, stderr: '' });
    expect(before.stdout).toMatch(/^Usage: tickloom export/);
    expect(after.stdout).toMatch(/^Usage: tickloom replay/);
  });

  test('without a command the help is a complaint: standard error, status 2', async () => {
    const result = await runTickloom([], { cwd: folder });
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('Usage: tickloom');
  });
});

describe('bad usage ends with status 2, an explanation and nothing on standard output', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['expotr', /unknown command "expotr"; did you mean "export"\?.*allowed: start, (\w+, )*replay, /],
    ['start --prot 1', /unknown option '--prot'[\s\S]*--port/],
    ['start --port many', /--port api\.port: found "many", must be integer; allowed: a whole number from 0 to 65535/],
    ['start --source bloomberg', /source: there is no source "bloomberg"; available: demo, binance/],
    ['start --source alpaca', /alpaca needs ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY/],
    ['start --symbols AAPL,..', /'--symbols <list>'.*"\.\." is no symbol/],
    ['config print --set bars.windw=1', /--set bars\.windw: unknown key; did you mean "window"\?/],
    ['config print --set bars.window', /a pair KEY=VALUE is expected/],
    ['config print --log-level loud', /--log-level log\.level: found "loud", allowed: trace, debug, info/],
    ['config print --config no.yaml', /no\.yaml: cannot be read \(ENOENT\)/],
    ['export --symbol ../../x --kind bars --out x.csv', /'--symbol <symbol>'.*is no symbol: 1 to 32 of A-Z 0-9/],
    ['export --symbol AAPL --kind ticks --out x.csv', /'ticks' is invalid.*trades, quotes, bars/],
    ['export --symbol AAPL --kind bars --format xml --out x', /'xml' is invalid.*csv, parquet/],
    ['export --symbol AAPL --kind bars --timeframe 1x --out x.csv', /"1x" is no timeframe.*1s, 5m, 1h, 1d/],
    ['export --symbol AAPL --kind trades --timeframe 1m --out x.csv', /--timeframe: trades have none/],
    ['export --symbol AAPL --kind bars --from yesterday --out x.csv', /'yesterday' is invalid.*2026-01-30T14:30:00Z/],
    ['export --symbol AAPL --kind bars --from 2026-02-01 --to 2026-01-01 --out x.csv', /2026-02-01 lies after/],
    ['export --symbol AAPL --kind bars', /required option '--out <path>' not specified/],
    ['replay missing.csv', /missing\.csv does not exist/],
    ['replay x.csv --speed fast', /'--speed <n>'.*a number above 0, or max/],
    ['import', /missing required argument 'path'/],
  ];

  test.each(cases)('%s', async (line, explanation) => {
    const result = await runTickloom(line.split(' '), { cwd: folder });
    expect(result.stderr).toMatch(explanation);
    expect(result.stderr).toMatch(/^tickloom: /);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result).toMatchObject({ code: 2, stdout: '' });
  });

  test('a configuration file that is none says where', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 9; i++) {
      const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`);
    }
    const files: Readonly<Record<string, readonly [string, RegExp]>> = {
      'tag.yaml': ['data_dir: !!js/function "function(){}"\n', /tag\.yaml:1:11 /],
      'twice.yaml': ['bars: {window: 60}\nbars: {window: 70}\n', /twice\.yaml:2:1 Map keys must be unique/],
      'tab.yaml': ['bars:\n\twindow: 60\n', /tab\.yaml:2:/],
      'bomb.yaml': [bomb.join('\n'), /bomb\.yaml: .*alias/],
      'key.yaml': ['bars:\n  windw: 60\n', /key\.yaml:2:3 bars\.windw: unknown key; did you mean "window"\?/],
    };
    for (const [name, [text]] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const results = await Promise.all(
      Object.keys(files).map((name) => runTickloom(['config', 'check', '--config', name], { cwd: folder })),
    );
    results.forEach((result, i) => {
      expect(result.stderr).toMatch(Object.values(files)[i]?.[1] as RegExp);
      expect(result).toMatchObject({ code: 2, stdout: '' });
    });
  });
});

test('a reader that has gone is no failure', async () => {
  const launcher = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));
  const child = spawn(process.execPath, [launcher, 'config', 'print'], {
    cwd: folder,
    env: userEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
