import type { EventBatch } from '../model/index.ts';
import type { BarAssembly } from './bar-assembly.ts';
import { BAR_FIELDS, PRINT_FIELDS } from './bar-fields.ts';
import { addUnordered } from './bar-record.ts';
import type { RuleTable } from './conditions/index.ts';
import { HEAD_FIELDS, type SeriesLayout } from './symbol-state.ts';
import { TICK_FLAGS } from './tick-flags.ts';
import { RING_PLACE, TICK_SLOT, type TickRing } from './tick-ring.ts';
import { TRADE_TIES, tradeTie } from './trade-tie.ts';

const { BAR_WIDTH, TIER, HIGH, LOW, CLOSE, CLOSE_TS, CLOSE_TIE, START, END } = BAR_FIELDS;
const { VOLUME, VOLUME_LOW, NOTIONAL, NOTIONAL_LOW, COUNT, QUALITY, UNSIGNED, SOURCE } = BAR_FIELDS;
const { LAST_PRICE, LAST_SIDE, LAST_BID, LAST_ASK } = HEAD_FIELDS;
const { TICK_TS, TICK_PRICE, TICK_SIZE, TICK_ID, TICK_SEQ, TICK_DELAY, TICK_BITS, TICK_WIDTH } = TICK_SLOT;
const { NEXT, TURN, CHUNK, WAITING, PLACE_WIDTH } = RING_PLACE;
const { FLAG_TIER_MASK, FLAG_VOLUME, SIDE_SHIFT, QUALITY_SHIFT, SOURCE_SHIFT, MAX_SOURCE } = TICK_FLAGS;
const { PRINT_TS, PRINT_PRICE, PRINT_TIE } = PRINT_FIELDS;
const { TWO_53, TWO_52 } = TRADE_TIES;
const MAX_DELAY_US = 2_147_483_647;

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/**
 * The trades that most are: in the current bar of the only root, with volume and without a text id. One straight
 * function in three parts: it leaves before it has changed anything; writes ring and bar; and calls others at last where
 * the trade is not simply the newest of its price tier. It does what `TickRing.push`, `aggressorOf` and `addTick` do
 * without their calls: the compiler boxes doubles that are passed on, looks an imported function up at each call, and
 * forgets after a call what it knew about the arrays. bench/suites/bars.ts holds the figure.
 */
export class PlainTrades {
  private readonly assembly: BarAssembly;
  private readonly ring: TickRing;
  private readonly rules: RuleTable;
  private readonly hotWidth: number;
  private readonly current: number;
  private readonly arrivalBreaksTies: boolean;

  constructor(assembly: BarAssembly, ring: TickRing, rules: RuleTable) {
    this.assembly = assembly;
    this.ring = ring;
    this.rules = rules;
    this.hotWidth = assembly.layout.hotWidth;
    this.current = (assembly.layout.series[assembly.tree.roots[0] as number] as SeriesLayout).current;
    this.arrivalBreaksTies = rules.rules.arrivalBreaksTies;
  }

  /** Adds a trade if it is a plain one; false, with nothing changed, when it is not. @param quality 0 to 1 */
  add(batch: EventBatch, row: number, quality: number): boolean {
    const { ring } = this;
    const { hot } = this.assembly;
    const { places } = ring;
    const { known } = this.rules;
    const symbol = batch.symbol[row] as number;
    const head = symbol * this.hotWidth;
    const at = head + this.current;
    const place = symbol * PLACE_WIDTH;
    const condition = batch.conditions[row] as number;
    // Nothing is read past the end of an array: one such read makes every later one slow.
    if (at + BAR_WIDTH > hot.length || place + PLACE_WIDTH > places.length || condition >= known.length) return false;
    const ts = batch.tsEventUs[row] as number;
    const rule = known[condition] as number;
    const slot = places[place + NEXT] as number;
    if (!(ts >= (hot[at + START] as number) && ts < (hot[at + END] as number))) return false;
    // An unknown rule has more bits.
    if ((rule & ~FLAG_TIER_MASK) !== FLAG_VOLUME) return false;
    if (slot === places[place + TURN] || batch.idText.length > 0) return false;

    const price = batch.p0[row] as number;
    const size = batch.p1[row] as number;
    const id = batch.idNum[row] as number;
    const source = batch.source[row] as number;
    // The aggressor, see `aggressorOf`.
    const last = hot[head + LAST_PRICE] as number;
    const offMid = 2 * price - ((hot[head + LAST_BID] as number) + (hot[head + LAST_ASK] as number));
    let move = (price - last) * 1e15 + (hot[head + LAST_SIDE] as number);
    if (last !== last) move = 0;
    if (offMid === offMid) move += offMid * 1e30;
    hot[head + LAST_PRICE] = price;
    let side = 0;
    if (move !== 0) {
      number[0] = move;
      const isSell = (words[1] as number) >>> 31;
      hot[head + LAST_SIDE] = 1 - 2 * isSell;
      side = 1 + isSell;
    }

    const thousandths = (quality * 1000 + 0.5) | 0;
    const sourceId = Math.min(source, MAX_SOURCE);
    const chunk = places[place + CHUNK] as number;
    const slots = ring.doubles[chunk] as Float64Array;
    const integers = ring.integers[chunk] as Int32Array;
    const delayUs = (batch.tsRecvUs[row] as number) - ts;
    places[place + NEXT] = slot + TICK_WIDTH;
    slots[slot + TICK_TS] = ts;
    slots[slot + TICK_PRICE] = price;
    slots[slot + TICK_SIZE] = size;
    slots[slot + TICK_ID] = id;
    slots[slot + TICK_SEQ] = batch.seq[row] as number;
    integers[2 * slot + TICK_DELAY] = Math.max(-MAX_DELAY_US, Math.min(MAX_DELAY_US, delayUs));
    integers[2 * slot + TICK_BITS] =
      rule | (side << SIDE_SHIFT) | (thousandths << QUALITY_SHIFT) | (sourceId << SOURCE_SHIFT);

    const tier = rule & FLAG_TIER_MASK;
    const held = hot[at + TIER] as number;
    const closeTs = hot[at + CLOSE_TS] as number;
    const isLater = ts > closeTs || (ts === closeTs && id - TWO_53 > (hot[at + CLOSE_TIE] as number));
    const isClose = tier === held && isLater;
    if (isClose) {
      if (price > (hot[at + HIGH] as number)) hot[at + HIGH] = price;
      if (price < (hot[at + LOW] as number)) hot[at + LOW] = price;
      hot[at + CLOSE] = price;
      hot[at + CLOSE_TS] = ts;
      hot[at + CLOSE_TIE] = id >= 0 ? id - TWO_53 : size < TWO_52 ? size : TWO_52 - 1;
    }
    const volume = hot[at + VOLUME] as number;
    const volumeSum = volume + size;
    const volumeBack = volumeSum - volume;
    const volumeError = volume - (volumeSum - volumeBack) + (size - volumeBack) + (hot[at + VOLUME_LOW] as number);
    const newVolume = volumeSum + volumeError;
    hot[at + VOLUME] = newVolume;
    hot[at + VOLUME_LOW] = volumeError - (newVolume - volumeSum);
    const value = size * price;
    const notional = hot[at + NOTIONAL] as number;
    const notionalSum = notional + value;
    const notionalBack = notionalSum - notional;
    const notionalError =
      notional - (notionalSum - notionalBack) + (value - notionalBack) + (hot[at + NOTIONAL_LOW] as number);
    const newNotional = notionalSum + notionalError;
    hot[at + NOTIONAL] = newNotional;
    hot[at + NOTIONAL_LOW] = notionalError - (newNotional - notionalSum);
    hot[at + UNSIGNED + side] = (hot[at + UNSIGNED + side] as number) + size;
    hot[at + COUNT] = (hot[at + COUNT] as number) + 1;
    hot[at + QUALITY] = (hot[at + QUALITY] as number) + thousandths;
    hot[at + SOURCE] = sourceId;
    // Calls come last.
    if (places[place + WAITING] === 0) ring.await(symbol);
    if (isClose && this.arrivalBreaksTies && !(id >= 0)) hot[at + CLOSE_TIE] = TWO_52 + ring.pushed(symbol) - 1;
    if (!isClose && !(tier === 0 && held > 0)) {
      const { print } = this.assembly;
      print[PRINT_TS] = ts;
      print[PRINT_PRICE] = price;
      print[PRINT_TIE] = tradeTie(id, size, this.arrivalBreaksTies, ring.pushed(symbol) - 1);
      addUnordered(hot, at, print, tier);
    }
    return true;
  }
}
