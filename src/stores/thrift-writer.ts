const encoder = new TextEncoder();

/** Field types of the Thrift compact protocol that Parquet's metadata needs. */
const TYPE_TRUE = 1;
const TYPE_FALSE = 2;
const TYPE_I32 = 5;
const TYPE_I64 = 6;
const TYPE_BINARY = 8;
const TYPE_LIST = 9;
const TYPE_STRUCT = 12;

/**
 * Writes Thrift's compact protocol (the part of it that Parquet page headers and footers use). Fields of a struct are
 * written in ascending order of their ids. Integers up to 2^53.
 */
export class ThriftWriter {
  private bytes = new Uint8Array(1024);
  private length = 0;
  private lastField = 0;
  private readonly outer: number[] = [];

  i32(field: number, value: number): void {
    this.header(field, TYPE_I32);
    this.zigzag(value);
  }

  i64(field: number, value: number): void {
    this.header(field, TYPE_I64);
    this.zigzag(value);
  }

  bool(field: number, value: boolean): void {
    this.header(field, value ? TYPE_TRUE : TYPE_FALSE);
  }

  text(field: number, value: string): void {
    this.header(field, TYPE_BINARY);
    this.rawText(value);
  }

  binary(field: number, value: Uint8Array): void {
    this.header(field, TYPE_BINARY);
    this.raw(value);
  }

  struct(field: number, body: () => void): void {
    this.header(field, TYPE_STRUCT);
    this.nested(body);
  }

  structs<T>(field: number, items: readonly T[], body: (item: T) => void): void {
    this.listHeader(field, TYPE_STRUCT, items.length);
    for (const item of items) this.nested(() => body(item));
  }

  i32s(field: number, items: readonly number[]): void {
    this.listHeader(field, TYPE_I32, items.length);
    for (const item of items) this.zigzag(item);
  }

  texts(field: number, items: readonly string[]): void {
    this.listHeader(field, TYPE_BINARY, items.length);
    for (const item of items) this.rawText(item);
  }

  /** Closes the outermost struct; its bytes are valid until the next field, which begins another struct. */
  finish(): Uint8Array {
    this.byte(0);
    const whole = this.bytes.subarray(0, this.length);
    this.length = 0;
    this.lastField = 0;
    return whole;
  }

  private nested(body: () => void): void {
    this.outer.push(this.lastField);
    this.lastField = 0;
    body();
    this.byte(0);
    this.lastField = this.outer.pop() ?? 0;
  }

  private header(field: number, type: number): void {
    const step = field - this.lastField;
    if (step > 0 && step < 16) this.byte((step << 4) | type);
    else {
      this.byte(type);
      this.zigzag(field);
    }
    this.lastField = field;
  }

  private listHeader(field: number, type: number, size: number): void {
    this.header(field, TYPE_LIST);
    if (size < 15) this.byte((size << 4) | type);
    else {
      this.byte(0xf0 | type);
      this.varint(size);
    }
  }

  /** Names are short and ASCII, where the encoder's call costs more than the bytes. */
  private rawText(value: string): void {
    for (let i = 0; i < value.length; i++) {
      if (value.charCodeAt(i) <= 127) continue;
      this.raw(encoder.encode(value));
      return;
    }
    this.varint(value.length);
    for (let i = 0; i < value.length; i++) this.byte(value.charCodeAt(i));
  }

  private raw(value: Uint8Array): void {
    this.varint(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  private zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  private varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private reserve(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + extra));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}
