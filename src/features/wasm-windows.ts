import { F64, I32, NOTHING, OP, V128, WasmCode } from './wasm-code.ts';

/** Parameters of every window function: address of the ring, its size, index of the newest value, window length. */
const RING = 0;
const SIZE = 1;
const NEWEST = 2;
const LENGTH = 3;

/** Emits what to do with the value on top of the stack. */
type Step = (code: WasmCode) => void;

/** Walks the last LENGTH values of the ring, newest first. */
function walk(code: WasmCode, index: number, left: number, step: Step): void {
  code.get(NEWEST).set(index).get(LENGTH).set(left);
  code.op(OP.loop, NOTHING);
  code.get(RING).get(index).i32(3).op(OP.i32Shl, OP.i32Add).load(0);
  step(code);
  // index = (index == 0 ? size : index) - 1
  code.get(SIZE).get(index).get(index).op(OP.i32Eqz, OP.select).i32(1).op(OP.i32Sub).set(index);
  code.get(left).i32(1).op(OP.i32Sub).tee(left).op(OP.brIf, 0, OP.end);
}

/** (ring, size, newest, length) → mean, summed about the newest value so that equal values give exactly that mean. */
export function meanOfWindow(): WasmCode {
  const code = new WasmCode(4);
  const index = code.local(I32);
  const left = code.local(I32);
  const first = code.local(F64);
  const sum = code.local(F64);
  code.get(RING).get(NEWEST).i32(3).op(OP.i32Shl, OP.i32Add).load(0).set(first);
  walk(code, index, left, () => code.get(first).op(OP.f64Sub).get(sum).op(OP.f64Add).set(sum));
  return code.get(first).get(sum).get(LENGTH).op(CONVERT_I32_U, OP.f64Div, OP.f64Add);
}

/** (ring, size, newest, length) → sum of squared deviations from the mean. */
export function squaresOfWindow(meanOf: number): WasmCode {
  const code = new WasmCode(4);
  const index = code.local(I32);
  const left = code.local(I32);
  const mean = code.local(F64);
  const sum = code.local(F64);
  code.get(RING).get(SIZE).get(NEWEST).get(LENGTH).call(meanOf).set(mean);
  const deviation = code.local(F64);
  walk(code, index, left, () => {
    code.get(mean).op(OP.f64Sub).tee(deviation).get(deviation).op(OP.f64Mul);
    code.get(sum).op(OP.f64Add).set(sum);
  });
  return code.get(sum);
}

/**
 * (first, length) → nothing: turns the `length` doubles from `first` on into their suffix extremes, from the last one
 * backwards, and sets the double before `first` (the running extreme) to `seed`. `pick` is f64x2.pmax or f64x2.pmin.
 */
export function suffixExtremes(pick: number, seed: number): WasmCode {
  const code = new WasmCode(2);
  const [first, length] = [0, 1];
  const at = code.local(I32);
  const extreme = code.local(V128);
  code.get(first).i32(8).op(OP.i32Sub).f64(seed).store(0);
  code.get(first).get(length).i32(3).op(OP.i32Shl, OP.i32Add).i32(8).op(OP.i32Sub).set(at);
  code.get(at).loadLow(0).set(extreme);
  code.op(OP.loop, NOTHING);
  code.get(at).get(at).loadLow(0).get(extreme).simd(pick).tee(extreme).storeLane(0, 0);
  code.get(at).i32(8).op(OP.i32Sub).tee(at).get(first).op(OP.i32LtU, OP.i32Eqz, OP.brIf, 0, OP.end);
  return code;
}

/** (ring, size, newest, length, center) → sum of |x - center|. */
export function deviationOfWindow(): WasmCode {
  const code = new WasmCode(5);
  const index = code.local(I32);
  const left = code.local(I32);
  const sum = code.local(F64);
  walk(code, index, left, () => code.get(4).op(OP.f64Sub, OP.f64Abs).get(sum).op(OP.f64Add).set(sum));
  return code.get(sum);
}

const CONVERT_I32_U = 0xb8;
