import { Prng } from '../../../src/base/index.ts';
import type { GoldenChecker, Json } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** Integers and uniforms must match exactly, normals within the file's tolerance; each list begins a new stream. */
export const checkPrng: GoldenChecker = ({ input, expected }) => {
  const seed = input.seed;
  if (typeof seed !== 'string' && typeof seed !== 'number') return 'input.seed is neither text nor a number';
  const actual: { [key: string]: Json } = {};
  for (const key of Object.keys(expected)) {
    const prng = new Prng(seed);
    const index = /^u32_at_index_(\d+)$/.exec(key)?.[1];
    if (index !== undefined) {
      for (let i = 0; i < Number(index); i++) prng.u32();
      actual[key] = prng.u32();
      continue;
    }
    const draw = { u32: () => prng.u32(), u53: () => prng.uniform(), gauss: () => prng.gauss() }[key];
    if (draw === undefined) return `no generator is known for "${key}"`;
    const wanted = numbersOf(expected, key);
    const drawn = wanted.map(draw);
    const wrong = key === 'gauss' ? -1 : drawn.findIndex((value, i) => value !== wanted[i]);
    if (wrong >= 0) return `${key}[${wrong}]: expected exactly ${wanted[wrong]}, got ${drawn[wrong]}`;
    actual[key] = drawn;
  }
  return actual;
};
