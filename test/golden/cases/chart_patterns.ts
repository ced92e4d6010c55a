import type { Extremum } from '../../../src/patterns/index.ts';
import {
  chooseBandwidth,
  kernelExtrema,
  kernelSmooth,
  lmwDouble,
  lmwFindings,
  lmwFive,
} from '../../../src/patterns/index.ts';
import type { GoldenCase, GoldenChecker, Json, JsonObject } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** The definitions on given extrema, the kernel regression with a given bandwidth, and the choice of one. */
export const checkChartPatterns: GoldenChecker = (golden) => {
  const { input } = golden;
  if (Array.isArray(input.E)) {
    return { patterns: lmwFive(numbersOf(input, 'E'), input.first_is_max === true) };
  }
  if (Array.isArray(input.extrema)) return { patterns: lmwDouble(input.extrema.map(extremumOf)) };
  const price = numbersOf(input, 'price');
  const bandwidth = bandwidthOf(golden);
  if (bandwidth !== undefined) return pipeline(price, bandwidth);
  const choice = chooseBandwidth(price, typeof input.grid === 'number' ? input.grid : 19);
  return { cv: choice.errors, h_star: choice.best, h_used: choice.used };
};

function bandwidthOf({ params, input }: GoldenCase): number | undefined {
  const h = params.h ?? input.h;
  return typeof h === 'number' ? h : undefined;
}

function pipeline(price: readonly number[], bandwidth: number): JsonObject {
  const smooth = kernelSmooth(price, bandwidth);
  const extrema = kernelExtrema(price, smooth);
  return {
    smooth,
    extrema: extrema.map(({ index, price, kind }) => [index, price, kind]),
    patterns: lmwFindings(extrema).map(({ start, end, patterns }) => ({ start, end, patterns })),
  };
}

function extremumOf(entry: Json): Extremum {
  const [index, price, kind] = entry as readonly [number, number, string];
  return { index, price, kind: kind === 'max' ? 'max' : 'min' };
}
