import { describe, expect, it } from 'vitest';
import { alertRules, alertWebhooks } from '../../src/app/alert-config.ts';
import { checkMeaning } from '../../src/app/config/check-meaning.ts';
import { loadConfig, readSecrets } from '../../src/app/config/index.ts';

function load(alerts: string) {
  const file = { name: 'tickloom.yaml', text: `alerts:\n  ${alerts.split('\n').join('\n  ')}` };
  return loadConfig({ flags: [], environment: {}, dotEnv: new Map(), file });
}

function problems(alerts: string): string {
  try {
    checkMeaning(load(alerts));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const DESK = 'webhooks: [{name: desk, url: "https://hooks.example.com/x"}]';

describe('alert rules of the configuration', () => {
  it('get what they leave out', () => {
    const quiet = 'quiet_hours: {from: "22:30", to: "06:05"}, cool_down_s: 0.5';
    const { config } = load(`rules: [{name: a}, {name: b, ${quiet}, mode: silent}]`);
    const [a, b] = alertRules(config);
    expect(a).toEqual({
      name: 'a',
      kinds: ['pattern', 'signal', 'anomaly', 'system'],
      ...{ symbols: [], patterns: [], level: 'MEDIUM', minConfidence: 0, quietHours: undefined },
      ...{ coolDownUs: 0, mode: 'on', webhooks: [] },
    });
    expect(b?.quietHours).toEqual({ fromMinute: 1_350, toMinute: 365, zone: 'UTC' });
    expect(b?.coolDownUs).toBe(500_000);
  });

  it.each([
    ['rules: [{name: a, webhooks: [dsk]}]', 'alerts.rules.0.webhooks.0: found "dsk", allowed: none'],
    [`rules: [{name: a, webhooks: [dsk]}]\n${DESK}`, 'found "dsk", allowed: desk'],
    ['rules: [{name: a}, {name: a}]', 'alerts.rules.1.name: "a" is there already'],
    ['rules: [{name: A}]', 'alerts.rules.0.name: found "A"'],
    ['rules: [{name: a, kinds: [patern]}]', 'alerts.rules.0.kinds.0: found "patern", allowed: pattern, regime'],
    ['rules: [{name: a, min_confidence: 101}]', 'alerts.rules.0.min_confidence: found 101'],
    ['rules: [{name: a, quiet_hours: {from: "24:00", to: "06:00"}}]', 'alerts.rules.0.quiet_hours.from: found "24:00"'],
    ['rules: [{name: a, quiet_hours: {from: "06:00", to: "06:00"}}]', 'quiet_hours.to: found the same as from'],
    [
      'rules: [{name: a, quiet_hours: {from: "22:00", to: "06:00", zone: Mars/Base}}]',
      'found "Mars/Base", allowed: an',
    ],
    ['webhooks: [{name: a, url: "http://10.0.0.1/"}]', 'alerts.webhooks.0.url: the webhook "a" is refused: 10.0.0.1'],
    ['webhooks: [{name: a, url: "file:///etc/passwd"}]', 'refused: allowed: an address that begins with https://'],
    ['webhooks: [{name: a, url: "https://x.example/", secret: whsec_x}]', 'alerts.webhooks.0.secret: unknown key'],
    ['retry: {first_s: 60, max_s: 10}', 'alerts.retry.first_s: found 60, allowed: up to alerts.retry.max_s'],
  ])('are refused: %s', (text, message) => {
    expect(problems(text)).toContain(message);
    expect(problems(text)).toMatch(/^tickloom\.yaml:\d+:\d+ /);
  });

  it('are accepted where all is well', () => {
    expect(problems(`rules: [{name: a, webhooks: [desk]}]\n${DESK}`)).toBe('');
  });
});

describe('secrets of webhooks', () => {
  const { config } = load('webhooks: [{name: my-desk, url: "https://hooks.example.com/x"}]');
  const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
  const read = (environment: Record<string, string>) =>
    readSecrets(environment, new Map(), () => `${secret} ${secret}\n`);

  it('are found by the name of the webhook, also in a file, several at once', () => {
    const [one] = alertWebhooks(config, read({ TICKLOOM_WEBHOOK_SECRET_MY_DESK: secret }));
    expect(one).toMatchObject({ name: 'my-desk', allowPrivate: false });
    expect(one?.keys.length).toBe(1);
    const [two] = alertWebhooks(config, read({ TICKLOOM_WEBHOOK_SECRET_MY_DESK_FILE: 'somewhere' }));
    expect(two?.keys.length).toBe(2);
  });

  it('are named, never shown, when they are missing or wrong', () => {
    expect(() => alertWebhooks(config, read({}))).toThrow(/"my-desk" needs TICKLOOM_WEBHOOK_SECRET_MY_DESK/);
    const wrong = read({ TICKLOOM_WEBHOOK_SECRET_MY_DESK: 'geheimgeheimgeheim' });
    expect(() => alertWebhooks(config, wrong)).toThrow(/^TICKLOOM_WEBHOOK_SECRET_MY_DESK: found something else/);
    expect(JSON.stringify([...wrong])).not.toContain('geheimgeheim');
  });
});
