import { BAR_FIELDS } from '../indicators/index.ts';
import type { GraphLayout } from './graph-layout.ts';
import { type BodyCalls, WasmBody } from './wasm-body.ts';
import { assembleModule, F64, I32, NOTHING, OP, WasmCode } from './wasm-code.ts';
import { deviationOfWindow, extremeOfWindow, meanOfWindow, squaresOfWindow } from './wasm-windows.ts';

/** Bytes of one bar's input frame. */
export const FRAME_BYTES = 8 * BAR_FIELDS.length;

const TYPES = {
  unary: { parameters: [F64], results: [F64] },
  update: { parameters: [I32, I32], results: [] },
  updateMany: { parameters: [I32, I32, I32], results: [] },
  window: { parameters: [I32, I32, I32, I32], results: [F64] },
  deviation: { parameters: [I32, I32, I32, I32, F64], results: [F64] },
} as const;
const TYPE_NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];
const typeOf = (name: keyof typeof TYPES): number => TYPE_NAMES.indexOf(name);

const CALLS: BodyCalls = { log: 0, mean: 1, squares: 2, highest: 3, lowest: 4, deviation: 5 };
const WARMING = 6;
const UPDATE = 7;

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
      { type: typeOf('window'), code: extremeOfWindow(OP.f64Max, Number.NEGATIVE_INFINITY) },
      { type: typeOf('window'), code: extremeOfWindow(OP.f64Min, Number.POSITIVE_INFINITY) },
      { type: typeOf('deviation'), code: deviationOfWindow() },
      { type: typeOf('update'), code: warmingFunction(layout, outOffsetBytes) },
      { type: typeOf('update'), code: updateFunction(layout, outOffsetBytes), exportName: 'update' },
      { type: typeOf('updateMany'), code: updateManyFunction(), exportName: 'updateMany' },
    ],
  );
}

function warmingFunction(layout: GraphLayout, outOffsetBytes: number): WasmCode {
  const code = new WasmCode(2);
  const n = code.local(F64);
  code.get(0).load(0).set(n);
  new WasmBody(code, layout, CALLS, { block: 0, frame: 1, n }, false).write(outOffsetBytes);
  return code;
}

function updateFunction(layout: GraphLayout, outOffsetBytes: number): WasmCode {
  const code = new WasmCode(2);
  const n = code.local(F64);
  code.get(0).get(0).load(0).f64(1).op(OP.f64Add).tee(n).store(0);
  code.get(n).f64(layout.steadyAfterBars).op(OP.f64Gt, OP.if, NOTHING);
  new WasmBody(code, layout, CALLS, { block: 0, frame: 1, n }, true).write(outOffsetBytes);
  return code.op(OP.else).get(0).get(1).call(WARMING).op(OP.end);
}

function updateManyFunction(): WasmCode {
  const code = new WasmCode(3);
  const [addresses, frames, left] = [0, 1, 2];
  code.op(OP.block, NOTHING).get(left).op(OP.i32Eqz, OP.brIf, 0, OP.loop, NOTHING);
  code.get(addresses).op(OP.i32Load, 2, 0).get(frames).call(UPDATE);
  code.get(addresses).i32(4).op(OP.i32Add).set(addresses);
  code.get(frames).i32(FRAME_BYTES).op(OP.i32Add).set(frames);
  code.get(left).i32(1).op(OP.i32Sub).tee(left).op(OP.brIf, 0, OP.end, OP.end);
  return code;
}
