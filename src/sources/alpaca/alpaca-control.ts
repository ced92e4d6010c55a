import type { ControlOutcome, Refusal } from '../adapter.ts';
import type { JsonObject } from '../json-answer.ts';

/** What helps against each error of the stream. */
const REMEDIES: Readonly<Record<string, Refusal['remedy']>> = {
  400: 'symbol',
  401: 'retry',
  402: 'stop',
  403: 'ignore',
  404: 'retry',
  405: 'symbol',
  406: 'wait',
  407: 'retry',
  408: 'stop',
  409: 'stop',
  410: 'symbol',
  411: 'stop',
  500: 'retry',
};

/** What a control message says; `undefined` for one that is none. */
export function alpacaControl(message: JsonObject): ControlOutcome | undefined {
  if (message.T === 'success') {
    if (message.msg === 'connected') return { type: 'greeted' };
    return message.msg === 'authenticated' ? { type: 'authenticated' } : { type: 'alive' };
  }
  if (message.T === 'subscription') return { type: 'subscribed' };
  if (message.T !== 'error') return undefined;
  const code = String(message.code);
  const remedy = REMEDIES[code] ?? 'retry';
  // A refused subscription leaves everything as it was.
  const whole = remedy === 'symbol' ? { isWhole: true } : {};
  return { type: 'error', code, message: String(message.msg), remedy, ...whole };
}
