import { TickloomError } from '../../base/index.ts';
import { normaliseSymbol, parseTimeframe } from '../../model/index.ts';
import { parseStrictJson } from '../guard/strict-json.ts';
import type { ApiLimits } from '../limits.ts';
import { CHANNELS, type Channel } from '../protocol/index.ts';
import type { SubscriptionRequest } from './subscription.ts';

/** A checked message of a client. */
export type CheckedMessage =
  | { readonly action: 'ping' }
  | { readonly action: 'unsubscribe'; readonly request: SubscriptionRequest }
  | { readonly action: 'subscribe'; readonly request: SubscriptionRequest; readonly sinceId: number | undefined };

export interface MessageRules {
  readonly limits: ApiLimits;
  /** Channels of a message that names none, and the only ones that it may name; undefined: it names any. */
  readonly channels?: readonly Channel[];
  readonly timeframes: readonly string[];
  isKnownSymbol(symbol: string): boolean;
}

/** What is wrong with a message: the `error` event says it. */
export class MessageError extends Error {
  readonly code: string;
  readonly pointer: string | undefined;

  constructor(code: string, message: string, pointer?: string) {
    super(message);
    this.name = 'MessageError';
    this.code = code;
    this.pointer = pointer;
  }
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  ping: ['action'],
  subscribe: ['action', 'channels', 'symbols', 'timeframes', 'since'],
  unsubscribe: ['action', 'channels', 'symbols', 'timeframes', 'since'],
};

/**
 * Reads and checks a text message.
 * @throws MessageError
 */
export function readClientMessage(text: string, rules: MessageRules): CheckedMessage {
  const message = readObject(text, rules);
  const { action } = message;
  const members = typeof action === 'string' && Object.hasOwn(MEMBERS, action) ? MEMBERS[action] : undefined;
  if (members === undefined) {
    throw new MessageError('bad_action', 'action is one of subscribe, unsubscribe, ping.', '/action');
  }
  for (const name of Object.keys(message)) {
    if (!members.includes(name)) {
      const shown = name.slice(0, 40);
      throw new MessageError('unknown_member', `"${shown}" is not known; allowed: ${members.join(', ')}.`, `/${shown}`);
    }
  }
  if (action === 'ping') return { action };
  const symbols = readSymbols(message.symbols, rules);
  const timeframes = readTimeframes(message.timeframes, rules);
  const request: SubscriptionRequest = {
    channels: readChannels(message.channels, rules),
    ...(symbols === undefined ? {} : { symbols }),
    ...(timeframes === undefined ? {} : { timeframes }),
  };
  if (action === 'unsubscribe') return { action, request };
  return { action: 'subscribe', request, sinceId: readSince(message.since) };
}

function readObject(text: string, rules: MessageRules): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseStrictJson(text, rules.limits.jsonDepth);
  } catch (error) {
    if (error instanceof TickloomError) throw new MessageError('bad_json', error.message);
    throw error;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new MessageError('bad_message', 'A message is a JSON object, for example {"action":"ping"}.');
  }
  return value as Record<string, unknown>;
}

function readChannels(value: unknown, rules: MessageRules): Channel[] {
  const list = readTexts(value, 'channels', rules.limits.channelsPerMessage);
  const allowed = rules.channels ?? CHANNELS;
  if (list === undefined && rules.channels !== undefined) return [...rules.channels];
  if (list === undefined || list.length === 0) {
    throw new MessageError('no_channels', `channels is needed: one or more of ${allowed.join(', ')}.`, '/channels');
  }
  return [...new Set(list)].map((name) => {
    const channel = allowed.find((known) => known === name);
    if (channel !== undefined) return channel;
    const shown = name.slice(0, 40);
    const message = `There is no channel "${shown}" here; allowed: ${allowed.join(', ')}.`;
    throw new MessageError('unknown_channel', message, '/channels');
  });
}

function readSymbols(value: unknown, rules: MessageRules): string[] | undefined {
  const list = readTexts(value, 'symbols', rules.limits.symbolsPerMessage);
  if (list === undefined) return undefined;
  if (list.length === 0) throw new MessageError('no_symbols', 'symbols is empty: leave it out for all.', '/symbols');
  const symbols = new Set<string>();
  for (const [index, text] of list.entries()) {
    const symbol = checked(() => normaliseSymbol(text), `/symbols/${index}`);
    if (!rules.isKnownSymbol(symbol)) {
      throw new MessageError(
        'unknown_symbol',
        `${symbol} is not in this run; GET /api/v1/symbols lists what is.`,
        `/symbols/${index}`,
      );
    }
    symbols.add(symbol);
  }
  return [...symbols];
}

function readTimeframes(value: unknown, rules: MessageRules): string[] | undefined {
  const list = readTexts(value, 'timeframes', rules.limits.timeframesPerMessage);
  if (list === undefined) return undefined;
  if (list.length === 0) {
    throw new MessageError('no_timeframes', 'timeframes is empty: leave it out for all.', '/timeframes');
  }
  const timeframes = list.map((text, index) => {
    const timeframe = checked(() => parseTimeframe(text).text, `/timeframes/${index}`);
    if (rules.timeframes.includes(timeframe)) return timeframe;
    const message = `${timeframe} is not built in this run; built: ${rules.timeframes.join(', ')}.`;
    throw new MessageError('unknown_timeframe', message, `/timeframes/${index}`);
  });
  return [...new Set(timeframes)];
}

function readSince(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const id = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return id;
  throw new MessageError('bad_since', 'since is the id of the last event seen: a whole number.', '/since');
}

function readTexts(value: unknown, name: string, max: number): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new MessageError('bad_member', `${name} is a list of texts.`, `/${name}`);
  }
  if (value.length <= max) return value;
  throw new MessageError('too_many', `${name} has ${value.length} entries; at most ${max} per message.`, `/${name}`);
}

function checked<Value>(read: () => Value, pointer: string): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof TickloomError) throw new MessageError(error.code.replaceAll('-', '_'), error.message, pointer);
    throw error;
  }
}
