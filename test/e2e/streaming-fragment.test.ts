import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestSocket } from '../api/test-socket.ts';
import { scratch, startTickloom } from './tickloom.ts';

const FRAGMENT = `streaming:
  enabled: true
  provider: demo
  ticker: AAPL
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
`;
const WITHIN_MS = 50_000;

/** The fragment's port may be taken on a machine that runs tests: any other does as well. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

test('the streaming section alone: patterns of the shipped portfolio and regime changes on the dashboard port', async () => {
  using folder = scratch();
  const port = await freePort();
  const config = join(folder.path, 'config.yaml');
  writeFileSync(config, FRAGMENT.replace('5001', String(port)));
  const flags = ['--config', config, '--data-dir', join(folder.path, 'data'), '--port', '0'];
  const program = startTickloom(['start', ...flags], folder.path);
  try {
    await program.waitFor(/(http:\/\/[^\s:]+:\d+)/);
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['pattern_matches', 'regime_changes'], symbols: ['AAPL'] });
    const [match, change] = await Promise.all([
      client.until(({ type, family }) => type === 'pattern_match' && family === 'tolerance', WITHIN_MS),
      client.until(({ type }) => type === 'regime_change', WITHIN_MS),
    ]);
    expect(match).toMatchObject({ symbol: 'AAPL', timeframe: '1s', pattern_id: expect.any(Number) });
    expect(change).toMatchObject({ symbol: 'AAPL', timeframe: '1s', current: expect.any(Object) });
    await client.close();
  } finally {
    program.process.kill('SIGTERM');
    await program.ended;
  }
}, 120_000);
