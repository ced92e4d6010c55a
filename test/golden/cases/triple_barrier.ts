import { type BarrierSpec, closeOnlyBarrier, tripleBarrier } from '../../../src/signals/index.ts';
import type { GoldenChecker, Json } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

const CLOSE_ONLY_NAMES = { target: 'upper', stop: 'lower', expiry: 'time' } as const;

/** On whole bars where the case has an `open`, otherwise on closes alone. */
export const checkTripleBarrier: GoldenChecker = ({ params, input }) => {
  const spec: BarrierSpec = {
    direction: params.side === -1 ? -1 : 1,
    up: params.up as number,
    down: params.dn as number,
    horizon: params.horizon as number,
  };
  const close = numbersOf(input, 'close');
  const events = numbersOf(input, 'events');
  if (input.open === undefined) {
    return { labels: events.map((event) => closeOnly(close, event, spec)) };
  }
  const bars = { open: numbersOf(input, 'open'), high: numbersOf(input, 'high'), low: numbersOf(input, 'low'), close };
  return {
    labels: events.map((event): Json => {
      const found = tripleBarrier(bars, event, spec);
      if (found === undefined) return { label: null, reason: 'incomplete' };
      const { label, touch, exit, returned: ret, bothInBar } = found;
      const barrier = found.barrier === 'expiry' ? 'time' : found.barrier;
      return { label, touch, exit, ret, barrier, both_in_bar: bothInBar };
    }),
  };
};

function closeOnly(close: readonly number[], event: number, spec: BarrierSpec): Json {
  const found = closeOnlyBarrier(close, event, spec);
  if (found === undefined) return { label: null, reason: 'incomplete' };
  return { label: found.label, touch: found.touch, ret: found.returned, barrier: CLOSE_ONLY_NAMES[found.barrier] };
}
