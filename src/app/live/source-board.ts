import type { ComponentHealth, SourceRow } from '../../api/index.ts';
import { formatMicros, US_PER_MS } from '../../base/index.ts';
import type { Source, SourceMember } from '../../sources/index.ts';
import type { RateMeter } from './rate-meter.ts';
import { type RunMeter, total } from './run-meter.ts';

export interface SourceBoardParts {
  readonly sources: readonly Source[];
  readonly meter: RunMeter;
  readonly rate: RateMeter;
  /** How they stand to each other; `undefined` where there is one. */
  members(): readonly SourceMember[] | undefined;
}

/** What is to be said about each source now. */
export class SourceBoard {
  private readonly parts: SourceBoardParts;

  constructor(parts: SourceBoardParts) {
    this.parts = parts;
  }

  rows(): readonly SourceRow[] {
    const members = this.parts.members();
    return this.parts.sources.map((source): SourceRow => {
      const { id } = source;
      const meter = this.parts.meter.source(id);
      const health = source.health?.();
      const error = health?.lastError;
      const received = meter === undefined ? 0 : total(meter.received);
      const lagUs = meter === undefined ? Number.NaN : meter.lastRecvUs - meter.lastEventUs;
      const member = members?.find((each) => each.source === source);
      const skewUs = meter?.skewUs() ?? Number.NaN;
      return {
        id,
        state: meter?.state ?? 'connecting',
        role: member === undefined ? 'serving' : member.role === 'stand-by' ? 'stand_by' : member.role,
        serves: member?.serves ?? meter?.symbols.size ?? 0,
        take_overs: member?.takeOvers ?? 0,
        breaker: health?.breaker === 'half-open' ? 'half_open' : (health?.breaker ?? 'closed'),
        events_per_s: this.parts.rate.perSecond(id, received),
        lag_ms: Number.isFinite(lagUs) ? Math.max(0, lagUs / US_PER_MS) : null,
        clock_skew_ms: Number.isFinite(skewUs) ? skewUs / US_PER_MS : null,
        quota: health?.quota ?? null,
        last_event_at: Number.isFinite(meter?.lastEventUs) ? formatMicros(meter?.lastEventUs as number) : null,
        last_error:
          error === undefined ? null : { code: error.code, message: error.message, at: formatMicros(error.atUs) },
        reconnects: meter?.reconnects ?? 0,
        symbols: member?.carries ?? meter?.symbols.size ?? 0,
        outages: (meter?.outages ?? []).map(({ fromUs, toUs, reason }) => ({
          from: formatMicros(fromUs),
          to: toUs === undefined ? null : formatMicros(toUs),
          reason,
        })),
      };
    });
  }

  /** Health by source: whatever is not live, and a breaker that is not closed, is degraded. */
  health(): Record<string, ComponentHealth> {
    const members = this.parts.members();
    const rows = this.parts.sources.map((source): readonly [string, ComponentHealth] => {
      const state = this.parts.meter.source(source.id)?.state ?? 'connecting';
      const breaker = source.health?.().breaker ?? 'closed';
      const member = members?.find((each) => each.source === source);
      const details: string[] = [];
      if (member?.failure !== undefined) details.push(`The source has failed: ${member.failure}`);
      // A polled source that nobody needs is not asked.
      else if (state !== 'live' && !(source.isPolled === true && member?.role === 'stand-by')) {
        details.push(`The feed is ${state}.`);
      }
      if (breaker !== 'closed') details.push(`Its breaker is ${breaker}.`);
      const detail = details.join(' ');
      return [source.id, detail === '' ? { status: 'ok' } : { status: 'degraded', detail }];
    });
    return Object.fromEntries(rows);
  }
}
