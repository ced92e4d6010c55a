import type { GraphLayout } from './graph-layout.ts';
import { WasmBody } from './wasm-body.ts';
import { assembleModule, F64, I32, NOTHING, OP, SIMD, WasmCode } from './wasm-code.ts';
import type { BodyCalls } from './wasm-values.ts';
import { deviationOfWindow, meanOfWindow, squaresOfWindow, suffixExtremes } from './wasm-windows.ts';

const TYPES = {
  unary: { parameters: [F64], results: [F64] },
  update: { parameters: [I32, I32], results: [] },
  pair: { parameters: [I32, I32, I32], results: [] },
  updateMany: { parameters: [I32, I32, I32], results: [] },
  window: { parameters: [I32, I32, I32, I32], results: [F64] },
  deviation: { parameters: [I32, I32, I32, I32, F64], results: [F64] },
} as const;
const TYPE_NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];
const typeOf = (name: keyof typeof TYPES): number => TYPE_NAMES.indexOf(name);

const CALLS: BodyCalls = { log: 0, mean: 1, squares: 2, highest: 3, lowest: 4, deviation: 5 };
const WARMING = 6;
const UPDATE = 7;
const UPDATE_PAIR = 8;

/**
 * Compiles a graph to a WebAssembly module that imports `env.memory` and `env.log` and exports `update` and
 * `updateMany` (see GraphExports). Straight-line code of a whole plan costs a third of the same plan as JavaScript
 * objects calling each other; `tickloom bench features` shows both against C.
 */
export function compileGraph(layout: GraphLayout): Uint8Array<ArrayBuffer> {
  const outOffsetBytes = 8 * layout.initialBlock.length;
  return assembleModule(
    TYPE_NAMES.map((name) => TYPES[name]),
    [{ name: 'log', type: typeOf('unary') }, { memoryPages: 1 }],
    [
      { type: typeOf('window'), code: meanOfWindow() },
      { type: typeOf('window'), code: squaresOfWindow(CALLS.mean) },
      { type: typeOf('update'), code: suffixExtremes(SIMD.pmax, Number.NEGATIVE_INFINITY) },
      { type: typeOf('update'), code: suffixExtremes(SIMD.pmin, Number.POSITIVE_INFINITY) },
      { type: typeOf('deviation'), code: deviationOfWindow() },
      { type: typeOf('update'), code: warmingFunction(layout, outOffsetBytes) },
      { type: typeOf('update'), code: updateFunction(layout, outOffsetBytes), exportName: 'update' },
      { type: typeOf('pair'), code: pairFunction(layout, outOffsetBytes) },
      { type: typeOf('updateMany'), code: updateManyFunction(), exportName: 'updateMany' },
    ],
  );
}

function warmingFunction(layout: GraphLayout, outOffsetBytes: number): WasmCode {
  const code = new WasmCode(2);
  new WasmBody(code, layout, CALLS, { blocks: [0], frame: 1 }, false).write(outOffsetBytes);
  return code;
}

function updateFunction(layout: GraphLayout, outOffsetBytes: number): WasmCode {
  const code = new WasmCode(2);
  const n = code.local(F64);
  code.get(0).get(0).load(0).f64(1).op(OP.f64Add).tee(n).store(0);
  code.get(n).f64(layout.steadyAfterBars).op(OP.f64Gt, OP.if, NOTHING);
  new WasmBody(code, layout, CALLS, { blocks: [0], frame: 1 }, true).write(outOffsetBytes);
  return code.op(OP.else).get(0).get(1).call(WARMING).op(OP.end);
}

/** (block, block, frame of the first): two steady series at once, each in a lane of its own, or one after the other. */
function pairFunction(layout: GraphLayout, outOffsetBytes: number): WasmCode {
  const code = new WasmCode(3);
  const blocks = [0, 1];
  const counts = blocks.map(() => code.local(F64));
  for (const block of blocks)
    code
      .get(block)
      .load(0)
      .tee(counts[block] as number)
      .f64(layout.steadyAfterBars)
      .op(OP.f64Ge);
  code.op(OP.i32And, OP.if, NOTHING);
  for (const block of blocks) {
    code
      .get(block)
      .get(counts[block] as number)
      .f64(1)
      .op(OP.f64Add)
      .store(0);
  }
  new WasmBody(code, layout, CALLS, { blocks, frame: 2 }, true).write(outOffsetBytes);
  code.op(OP.else).get(0).get(2).call(UPDATE);
  return code.get(1).get(2).i32(8).op(OP.i32Add).call(UPDATE).op(OP.end);
}

/** (addresses, frames, count): series in pairs, then the odd one. */
function updateManyFunction(): WasmCode {
  const code = new WasmCode(3);
  const [addresses, frames, left] = [0, 1, 2] as const;
  const block = (at: number): WasmCode => code.get(addresses).op(OP.i32Load, 2, at);
  const advance = (local: number, by: number): WasmCode => code.get(local).i32(by).op(OP.i32Add).set(local);
  code.op(OP.block, NOTHING, OP.loop, NOTHING).get(left).i32(2).op(OP.i32LtU, OP.brIf, 1);
  block(0);
  block(4).get(frames).call(UPDATE_PAIR);
  advance(addresses, 8);
  advance(frames, 16);
  advance(left, -2).op(OP.br, 0, OP.end, OP.end);
  code.get(left).op(OP.if, NOTHING);
  block(0).get(frames).call(UPDATE);
  return code.op(OP.end);
}
