import { describe, expect, test } from 'vitest';
import { createLog, type LogOptions } from '../../src/host/index.ts';

function capture(options: Partial<LogOptions> = {}): { lines: () => string[]; log: ReturnType<typeof createLog> } {
  let text = '';
  const stream = {
    write: (part: string) => {
      text += part;
      return true;
    },
  };
  const log = createLog({ level: 'info', format: 'json', stream, ...options });
  return { lines: () => text.split('\n').filter((line) => line !== ''), log };
}

describe('the log', () => {
  test('writes one JSON line per event with the named fields', () => {
    const { lines, log } = capture({ fields: { run_id: 'r1' } });
    log
      .child({ component: 'api', source: 'demo' })
      .warn('socket.cut', 'A client was cut.', { symbol: 'AAPL', duration_ms: 3 });
    log.debug('x', 'not at this level');
    expect(lines()).toHaveLength(1);
    const line = JSON.parse(lines()[0] as string) as Record<string, unknown>;
    expect(line).toMatchObject({
      level: 'warn',
      msg: 'A client was cut.',
      event: 'socket.cut',
      component: 'api',
      source: 'demo',
      symbol: 'AAPL',
      run_id: 'r1',
      duration_ms: 3,
    });
    expect(line.time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  });

  test('takes secrets out by key and by value, wherever they are', () => {
    const { lines, log } = capture({ secrets: ['s3cr3t-value'] });
    log.error('a', 'failed with s3cr3t-value', {
      headers: { Authorization: 'Bearer abc', 'X-Api-Key': 'k', accept: 'x' },
      url: 'https://x/?key=s3cr3t-value',
      error: new Error('told s3cr3t-value'),
      nested: [{ password: 'p' }],
      accessToken: 't',
    });
    const text = lines().join('');
    expect(text).not.toContain('s3cr3t-value');
    expect(JSON.parse(text)).toMatchObject({
      headers: { Authorization: '[redacted]', 'X-Api-Key': '[redacted]', accept: 'x' },
      nested: [{ password: '[redacted]' }],
      accessToken: '[redacted]',
      error: { message: 'told [redacted]' },
    });
  });

  test.each(['json', 'pretty'] as const)('a symbol with control characters stays on its line (%s)', (format) => {
    const { lines, log } = capture({ format });
    log.info('a', 'symbol \u001b[31mRED\u001b[0m\nsecond line', { symbol: 'A\n{"level":"error"}\u202eB"' });
    expect(lines()).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(lines()[0]).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('is JSON off a terminal and pretty on one', () => {
    const plain = capture({ format: 'auto' });
    plain.log.info('a', 'hello');
    expect(() => JSON.parse(plain.lines()[0] as string)).not.toThrow();
    let text = '';
    const terminal = {
      isTTY: true,
      write: (part: string) => {
        text += part;
        return true;
      },
    };
    createLog({ level: 'info', format: 'auto', stream: terminal }).info('a', 'hello');
    expect(text).toContain('hello');
    expect(() => JSON.parse(text)).toThrow();
  });

  test('a circular or huge field does not break it', () => {
    const { lines, log } = capture();
    const circular: Record<string, unknown> = { big: 'x'.repeat(100_000), many: 10n };
    circular.self = circular;
    log.info('a', 'b', { circular });
    expect(lines()).toHaveLength(1);
    expect((lines()[0] as string).length).toBeLessThan(100_000);
  });
});
