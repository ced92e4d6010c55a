import { formatMicros } from '../../base/index.ts';
import type { Gap, Universe } from '../../model/index.ts';
import type { GapRow } from '../protocol/index.ts';

const STATES: Readonly<Record<Gap['state'], GapRow['state']>> = {
  missing: 'missing',
  backfilled: 'backfilled',
  other_source: 'other_source',
  market_closed: 'closed',
};

/** A line of the gap ledger as the wire has it: a missing interval without an end is `open`. */
export function gapRow(gap: Gap, universe: Universe): GapRow {
  const isOpen = !Number.isFinite(gap.toUs);
  return {
    symbol: universe.symbol(gap.symbol),
    source: universe.sources.text(gap.source),
    from: formatMicros(gap.fromUs),
    to: isOpen ? null : formatMicros(gap.toUs),
    state: isOpen && gap.state === 'missing' ? 'open' : STATES[gap.state],
    reason: gap.cause,
    repaired: gap.recovered,
    expected: gap.expected ?? null,
  };
}
