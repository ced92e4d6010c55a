import { HEAD_FIELDS } from './symbol-state.ts';

const { LAST_PRICE, LAST_SIDE, LAST_BID, LAST_ASK } = HEAD_FIELDS;

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/**
 * Who was the aggressor of a trade: 1 the buyer, 2 the seller, 0 unknown. Quote rule where there is a mid, else tick
 * rule, else as the trade before (Lee and Ready 1991).
 *
 * The three rules are added up at scales that let the first one that is not zero win, and the answer is read from the
 * sign bit: the side is a coin toss that no branch predictor can guess, and branches on it cost more than all the rest
 * of a trade. bench/suites/bars.ts holds the figure.
 */
export function aggressorOf(hot: Float64Array, row: number, price: number): number {
  const last = hot[row + LAST_PRICE] as number;
  let move = (price - last) * 1e15 + (hot[row + LAST_SIDE] as number);
  hot[row + LAST_PRICE] = price;
  const offMid = 2 * price - ((hot[row + LAST_BID] as number) + (hot[row + LAST_ASK] as number));
  if (last !== last) move = 0;
  if (offMid === offMid) move += offMid * 1e30;
  if (move === 0) return 0;
  number[0] = move;
  const isSell = (words[1] as number) >>> 31;
  hot[row + LAST_SIDE] = 1 - 2 * isSell;
  return 1 + isSell;
}
