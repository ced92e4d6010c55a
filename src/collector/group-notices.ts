import { formatMicros } from '../base/index.ts';
import type { Log } from '../host/index.ts';
import { type EventBatch, EventKind, type GapPayload } from '../model/index.ts';
import type { Divergence, Evidence } from './consensus-watch.ts';
import type { GroupMember } from './group-member.ts';
import type { RowCollector } from './row-collector.ts';
import type { SymbolService } from './symbol-service.ts';

/** What a group says on the tape itself: gaps that another source filled, prints that it refused, feeds that differ. */
export class GroupNotices {
  private readonly rows: RowCollector;
  private readonly log: Log;
  private readonly stampNow: () => number;

  constructor(rows: RowCollector, log: Log, stampNow: () => number) {
    this.rows = rows;
    this.log = log;
    this.stampNow = stampNow;
  }

  /** What became of a stretch that `owner` should have served. */
  gap(service: SymbolService, owner: GroupMember, payload: GapPayload): void {
    const nowUs = this.stampNow();
    const known = { ...payload, toUs: Math.max(payload.toUs, payload.fromUs + 1) };
    this.rows.batch().addPayload(EventKind.Gap, service.id, owner.sourceId, nowUs, nowUs, known);
  }

  /**
   * A print that no other source confirmed goes to quarantine with what they said. It is on the tape as refused, so that
   * a replay refuses it too.
   */
  refused(batch: EventBatch, row: number, evidence: readonly Evidence[]): void {
    const price = batch.p0[row] as number;
    const said = evidence.map(
      ({ source, prices, low, high }) => `${source} had ${prices} prices from ${low} to ${high} at that time`,
    );
    const raw = JSON.stringify({
      ts: formatMicros(batch.tsEventUs[row] as number),
      price,
      size: batch.p1[row],
      id: batch.idOf(row),
      others: evidence,
    });
    const detail = `The print at ${price} was confirmed by no other source: ${said.join('; ')}.`;
    const payload = { type: 'malformed', reason: 'no-consensus', detail, raw } as const;
    const [symbol, source] = [batch.symbol[row] as number, batch.source[row] as number];
    const tsUs = batch.tsEventUs[row] as number;
    this.rows.batch().addPayload(EventKind.Malformed, symbol, source, tsUs, this.stampNow(), payload);
    this.log.warn('print_refused', detail, { symbol });
  }

  /** Two sources differ, or agree again: recorded as a command event, of which the engine makes an anomaly. */
  diverged({ service, other, isOver, servingPrice, otherPrice, distanceBps, limitBps }: Divergence): void {
    const serving = service.serving as GroupMember;
    const nowUs = this.stampNow();
    const name = isOver ? 'feeds_agree' : 'feed_divergence';
    const numbers = {
      serving_price: servingPrice,
      other_price: otherPrice,
      distance_bps: distanceBps,
      limit_bps: limitBps,
    };
    const payload = { type: 'command', name, arguments: { serving: serving.source.id, other, ...numbers } } as const;
    this.rows.batch().addPayload(EventKind.Command, service.id, serving.sourceId, nowUs, nowUs, payload);
    const fields = { symbol: service.symbol, source: serving.source.id, other, ...numbers };
    if (isOver) this.log.info(name, 'the sources agree again', fields);
    else this.log.warn(name, 'two sources of one symbol differ', fields);
  }

  /** A source took over from another one. */
  handedOver(to: GroupMember, services: readonly SymbolService[], from: GroupMember | undefined, cause: string): void {
    if (from === undefined) {
      this.log.info('source_serves', `${to.source.id} serves ${services.length} symbols`, { source: to.source.id });
      return;
    }
    const text = `${to.source.id} serves ${services.length} symbols in place of ${from.source.id} (${cause})`;
    this.log.warn('source_handed_over', text, { source: to.source.id, from: from.source.id, cause });
  }
}
