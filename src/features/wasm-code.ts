/** Value types of WebAssembly as they are encoded. */
export const I32 = 0x7f;
export const F64 = 0x7c;
export const V128 = 0x7b;
/** Block type of a block that leaves nothing. */
export const NOTHING = 0x40;

/** One-byte operations, named as in the WebAssembly specification (core 5.4). */
export const OP = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  f64Load: 0x2b,
  f64Store: 0x39,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtU: 0x49,
  f64Eq: 0x61,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  f64Abs: 0x99,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
} as const;

/** Operations behind the prefix 0xfd, on two doubles at once. */
export const SIMD = {
  load: 0x00,
  const: 0x0c,
  splat: 0x14,
  extractLane: 0x21,
  replaceLane: 0x22,
  eq: 0x47,
  lt: 0x49,
  gt: 0x4a,
  le: 0x4b,
  and: 0x4e,
  or: 0x50,
  bitselect: 0x52,
  loadLane: 0x57,
  storeLane: 0x5b,
  loadZero: 0x5d,
  bitmask: 0xc4,
  abs: 0xec,
  sqrt: 0xef,
  add: 0xf0,
  sub: 0xf1,
  mul: 0xf2,
  div: 0xf3,
  pmin: 0xf6,
  pmax: 0xf7,
} as const;

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** The bytes of one function body while it is written. Locals are numbered after the parameters. */
export class WasmCode {
  private readonly bytes: number[] = [];
  private readonly locals: number[] = [];
  private readonly parameterCount: number;

  constructor(parameterCount: number) {
    this.parameterCount = parameterCount;
  }

  /** Adds a local variable and returns its index. */
  local(type: number): number {
    this.locals.push(type);
    return this.parameterCount + this.locals.length - 1;
  }

  op(...bytes: number[]): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  get(local: number): this {
    return this.op(OP.localGet, ...unsigned(local));
  }

  set(local: number): this {
    return this.op(OP.localSet, ...unsigned(local));
  }

  tee(local: number): this {
    return this.op(OP.localTee, ...unsigned(local));
  }

  i32(value: number): this {
    return this.op(0x41, ...signed(value));
  }

  f64(value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.op(0x44, ...bytes);
  }

  /** f64.load of the address on the stack plus a constant. */
  load(offsetBytes: number): this {
    return this.op(OP.f64Load, 3, ...unsigned(offsetBytes));
  }

  store(offsetBytes: number): this {
    return this.op(OP.f64Store, 3, ...unsigned(offsetBytes));
  }

  simd(operation: number, ...immediates: number[]): this {
    return this.op(0xfd, ...unsigned(operation), ...immediates);
  }

  /** The constant in both lanes. */
  both(value: number): this {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, value, true);
    view.setFloat64(8, value, true);
    return this.simd(SIMD.const, ...bytes);
  }

  /** The double at the address on the stack plus a constant, in lane 0 of a vector. */
  loadLow(offsetBytes: number): this {
    return this.simd(SIMD.loadZero, 3, ...unsigned(offsetBytes));
  }

  /** Stores one lane of the vector on the stack at the address below it. */
  storeLane(offsetBytes: number, lane: number): this {
    return this.simd(SIMD.storeLane, 3, ...unsigned(offsetBytes), lane);
  }

  call(functionIndex: number): this {
    return this.op(OP.call, ...unsigned(functionIndex));
  }

  /** The body with its size and local declarations, as the code section wants it. */
  finish(): number[] {
    const declarations = this.locals.flatMap((type) => [1, type]);
    const body = [...unsigned(this.locals.length), ...declarations, ...this.bytes, OP.end];
    return [...unsigned(body.length), ...body];
  }
}

/** A function of a module: its type by index, its body, and the name under which it is exported, if it is. */
export interface WasmFunction {
  readonly type: number;
  readonly code: WasmCode;
  readonly exportName?: string;
}

/** One import of a function, or of the memory. */
export type WasmImport = { readonly name: string; readonly type: number } | { readonly memoryPages: number };

/** Puts a module together: all imports come from the namespace `env`, the memory as `memory`. */
export function assembleModule(
  types: readonly { readonly parameters: readonly number[]; readonly results: readonly number[] }[],
  imports: readonly WasmImport[],
  functions: readonly WasmFunction[],
): Uint8Array<ArrayBuffer> {
  const importedFunctions = imports.filter((entry) => 'name' in entry).length;
  const exported = functions.flatMap((entry, index) =>
    entry.exportName === undefined ? [] : [[...text(entry.exportName), 0, ...unsigned(importedFunctions + index)]],
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      types.map(({ parameters, results }) => [
        0x60,
        ...unsigned(parameters.length),
        ...parameters,
        ...unsigned(results.length),
        ...results,
      ]),
    ),
    ...section(2, imports.map(encodeImport)),
    ...section(
      3,
      functions.map((entry) => unsigned(entry.type)),
    ),
    ...section(7, exported),
    ...section(
      10,
      functions.map((entry) => entry.code.finish()),
    ),
  ]);
}

function encodeImport(entry: WasmImport): number[] {
  if ('name' in entry) return [...text('env'), ...text(entry.name), 0, ...unsigned(entry.type)];
  return [...text('env'), ...text('memory'), 2, 0, ...unsigned(entry.memoryPages)];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const body = [...unsigned(items.length), ...items.flat()];
  return [id, ...unsigned(body.length), ...body];
}

function text(value: string): number[] {
  return [...unsigned(value.length), ...Array.from(value, (character) => character.charCodeAt(0))];
}
