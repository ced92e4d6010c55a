import { TickloomError } from '../../base/index.ts';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
/** Anything but plain printable text: quotes, escapes, controls. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON text may not contain them unescaped
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;

/**
 * Reads JSON from outside, stricter than `JSON.parse`: no duplicate or prototype keys, no numbers beyond double
 * precision, no lone surrogates, no byte-order mark, bounded nesting.
 * @throws TickloomError `bad-json` that says what is wrong and where.
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  const reader = new JsonReader(text, maxDepth);
  return reader.document();
}

class JsonReader {
  private readonly text: string;
  private readonly maxDepth: number;
  private at = 0;

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.maxDepth = maxDepth;
  }

  document(): unknown {
    if (this.text.charCodeAt(0) === 0xfeff) throw this.error('a byte-order mark is not allowed');
    if (!this.text.isWellFormed()) throw this.error('the text has lone surrogates');
    const value = this.value(0);
    this.skipSpace();
    if (this.at !== this.text.length) throw this.error('unexpected text after the value');
    return value;
  }

  private value(depth: number): unknown {
    if (depth > this.maxDepth) throw this.error(`nested deeper than ${this.maxDepth}`);
    this.skipSpace();
    const character = this.text[this.at];
    if (character === '{') return this.object(depth);
    if (character === '[') return this.array(depth);
    if (character === '"') return this.string();
    if (this.text.startsWith('true', this.at)) return this.word(4, true);
    if (this.text.startsWith('false', this.at)) return this.word(5, false);
    if (this.text.startsWith('null', this.at)) return this.word(4, null);
    return this.number();
  }

  private object(depth: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    this.at += 1;
    this.skipSpace();
    if (this.take('}')) return {};
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw this.error('expected a member name in quotes');
      const key = this.string();
      if (FORBIDDEN_KEYS.has(key)) throw this.error(`the member name "${key}" is not allowed`);
      if (entries.has(key)) throw this.error(`the member "${key.slice(0, 40)}" occurs twice`);
      this.skipSpace();
      if (!this.take(':')) throw this.error('expected ":"');
      entries.set(key, this.value(depth + 1));
      this.skipSpace();
    } while (this.take(','));
    if (!this.take('}')) throw this.error('expected "," or "}"');
    return Object.fromEntries(entries);
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    this.skipSpace();
    if (this.take(']')) return items;
    do {
      items.push(this.value(depth + 1));
      this.skipSpace();
    } while (this.take(','));
    if (!this.take(']')) throw this.error('expected "," or "]"');
    return items;
  }

  private string(): string {
    const start = this.at;
    this.at += 1;
    for (;;) {
      PLAIN_TEXT.lastIndex = this.at;
      PLAIN_TEXT.test(this.text);
      this.at = PLAIN_TEXT.lastIndex;
      const character = this.text[this.at];
      if (character === '"') break;
      if (character !== '\\') throw this.error('a string is not closed or has a control character');
      this.at += 2;
    }
    this.at += 1;
    return this.decode(start, this.at);
  }

  private decode(start: number, end: number): string {
    try {
      const text = JSON.parse(this.text.slice(start, end)) as string;
      if (text.isWellFormed()) return text;
    } catch {
      this.at = start;
      throw this.error('a string has an escape that JSON does not know');
    }
    throw this.error('a string has a lone surrogate');
  }

  private number(): number {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) throw this.error('expected a value');
    const value = Number(match[0]);
    if (!Number.isFinite(value)) throw this.error(`the number ${match[0].slice(0, 20)} is out of range`);
    this.at = NUMBER.lastIndex;
    return value;
  }

  private word<Value>(length: number, value: Value): Value {
    this.at += length;
    return value;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private error(what: string): TickloomError {
    return new TickloomError(
      'bad-json',
      `This is not the JSON that is accepted here: ${what} (character ${this.at + 1}).`,
    );
  }
}
