import { createHmac } from 'node:crypto';
import { TickloomError } from '../base/index.ts';

const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The keys of a secret as it stands in the environment: `whsec_` and base64 of 24 to 64 bytes, or several of these with
 * spaces between while one is being replaced.
 * @throws TickloomError `bad-webhook-secret`; the message does not show the secret
 */
export function webhookKeys(secret: string, where: string): readonly Uint8Array[] {
  const texts = secret.trim().split(/\s+/);
  return texts.map((text) => {
    const encoded = text.slice(PREFIX.length);
    const key = Buffer.from(encoded, 'base64');
    const isSound =
      text.startsWith(PREFIX) && BASE64.test(encoded) && key.length >= MIN_BYTES && key.length <= MAX_BYTES;
    if (isSound) return key;
    const allowed = `${PREFIX} followed by base64 of ${MIN_BYTES} to ${MAX_BYTES} bytes`;
    throw new TickloomError('bad-webhook-secret', `${where}: found something else, allowed: ${allowed}.`, {
      subject: where,
    });
  });
}

/**
 * The headers of Standard Webhooks 1.0.0: `v1,` and base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`, one signature
 * per key.
 * @param timestampS whole seconds since 1970
 */
export function webhookHeaders(
  keys: readonly Uint8Array[],
  id: string,
  timestampS: number,
  body: string,
): Readonly<Record<string, string>> {
  const content = `${id}.${timestampS}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signatures.join(' '),
  };
}
