import { InvalidArgumentError } from 'commander';
import { parseMicros, TickloomError } from '../../base/index.ts';
import { normaliseSymbol, parseTimeframe } from '../../model/index.ts';

/** Readers of option values. Each throws the parser's own error, which names the option, what was found and what is allowed. */

export function readSymbol(text: string): string {
  return refused(() => normaliseSymbol(text));
}

/** A comma-separated list, in generic form. */
export function readSymbols(text: string): string {
  return refused(() => text.split(',').map(normaliseSymbol).join(','));
}

export function readTimeframe(text: string): string {
  return refused(() => parseTimeframe(text).text);
}

/** Keeps the text; whoever uses it reads it again. */
export function readTime(text: string): string {
  if (parseMicros(text) !== undefined) return text;
  throw new InvalidArgumentError('a time such as 2026-01-30T14:30:00Z, or a date, is expected.');
}

export function readSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const value = text.trim() === '' ? Number.NaN : Number(text.replace(/x$/, ''));
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0, or max, is expected.');
  return value;
}

export function readPort(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a whole number from 0 to 65535 is expected.');
  }
  return value;
}

export function readSeed(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > MAX_SEED) {
    throw new InvalidArgumentError(`a whole number from 0 to ${MAX_SEED} is expected.`);
  }
  return value;
}

const MAX_SEED = 4_294_967_295;

export function readCount(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is expected.');
  return value;
}

function refused<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof TickloomError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
