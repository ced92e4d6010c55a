import type { Clock } from '../host/index.ts';
import type { EventBatch, GapPayload } from '../model/index.ts';
import type { GroupMember } from './group-member.ts';
import type { GroupNotices } from './group-notices.ts';
import { chooseServing } from './serving-choice.ts';
import type { HeldRow, SharedHole, SymbolService } from './symbol-service.ts';

export interface ServingParts {
  readonly group: readonly GroupMember[];
  readonly services: ReadonlyMap<number, SymbolService>;
  readonly clock: Clock;
  readonly notices: GroupNotices;
  readonly failBackMs: number;
  readonly stallMs: number;
  readonly maxLagUs: number;
  readonly graceMs: number;
  /** Sends a row on that was held. */
  put(batch: EventBatch, row: number): void;
}

interface HandOver {
  readonly service: SymbolService;
  readonly from: GroupMember | undefined;
  /** Why the one before can not go on; `undefined` where it could. */
  readonly cause: string | undefined;
}

/** Which source serves which symbol: chooses, hands over without a hole or a double, and has holes filled. */
export class Serving {
  private readonly parts: ServingParts;
  private startedMs = 0;

  constructor(parts: ServingParts) {
    this.parts = parts;
  }

  start(): void {
    this.startedMs = this.parts.clock.monotonicMs();
  }

  /** Looks for every symbol whether another source is to serve it. */
  choose(): void {
    const { clock, group, services } = this.parts;
    const nowMs = clock.monotonicMs();
    const ready = group.map((member) => member.isReady(nowMs));
    const newestUs = Math.max(
      ...group.map((member, at) => (ready[at] === true ? member.newestUs : Number.NEGATIVE_INFINITY)),
    );
    const changes = new Map<GroupMember, HandOver[]>();
    for (const service of services.values()) {
      const next = this.nextOf(service, ready, newestUs, nowMs);
      if (next !== undefined) changes.set(next.to, [...(changes.get(next.to) ?? []), next.handOver]);
      else this.askForUncovered(service);
    }
    for (const [to, handOvers] of changes) this.handOver(to, handOvers);
    if (changes.size === 0) return;
    for (const member of group) member.serves = 0;
    for (const { serving } of services.values()) if (serving !== undefined) serving.serves++;
  }

  private nextOf(
    service: SymbolService,
    ready: readonly boolean[],
    newestUs: number,
    nowMs: number,
  ): { readonly to: GroupMember; readonly handOver: HandOver } | undefined {
    const { failBackMs, graceMs, stallMs, maxLagUs } = this.parts;
    const { members, serving } = service;
    const current = serving === undefined ? -1 : members.indexOf(serving);
    const isUp = serving !== undefined && ready[serving.rank] === true;
    const isStalled = isUp && service.isStalled(nowMs, stallMs);
    const candidates = members.map((member, at) => {
      const isPolled = member.source.isPolled === true;
      return {
        isReady: ready[member.rank] === true && !(at === current && isStalled),
        isDown: member.state === 'down' || member.state === 'failed',
        isCaughtUp: isPolled || !(member.newestUs < newestUs - maxLagUs),
        readyForMs: nowMs - (isPolled ? member.restUntilMs : member.liveSinceMs),
        lostForMs: nowMs - (service.lostMs[at] as number),
      };
    });
    const next = members[chooseServing(current, candidates, nowMs - this.startedMs, { failBackMs, graceMs })];
    if (next === undefined || next === serving) return undefined;
    const isLost = serving !== undefined && (!isUp || isStalled);
    if (isLost) service.lostMs[current] = nowMs;
    const restarted = serving === undefined && service.heldFrom !== next ? service.heldFrom : undefined;
    const cause = isStalled ? 'stall' : isLost ? 'disconnect' : restarted === undefined ? undefined : 'restart';
    return { to: next, handOver: { service, from: serving ?? restarted, cause } };
  }

  private handOver(to: GroupMember, handOvers: readonly HandOver[]): void {
    const held = new Map<number, HeldRow[]>(handOvers.map(({ service }) => [service.id, []]));
    const inOrder: HeldRow[] = [];
    to.held.forEach((batch, row) => {
      const rows = held.get(batch.symbol[row] as number);
      if (rows === undefined) return;
      const entry = { batch, row, isWanted: false };
      rows.push(entry);
      inOrder.push(entry);
    });
    for (const { service, from, cause } of handOvers) {
      const { tradeUs } = service;
      this.tellGaps(service, to, from, cause);
      if (service.serving !== undefined) to.source.forget?.(service.symbol);
      service.handTo(to, held.get(service.id) as HeldRow[]);
      const isCovered = Math.max(to.coveredFromUs, to.held.forgottenUs) <= tradeUs;
      if (cause !== undefined && from !== undefined && Number.isFinite(tradeUs) && !isCovered) {
        service.uncovered = { member: from, fromUs: tradeUs, cause };
      }
    }
    for (const { batch, row, isWanted } of inOrder) if (isWanted) this.parts.put(batch, row);
    const [first] = handOvers as readonly [HandOver];
    if (first.from !== undefined) to.takeOvers++;
    const services = handOvers.map(({ service }) => service);
    this.parts.notices.handedOver(to, services, first.from, first.cause ?? 'healthy again');
    for (const service of services) this.askForUncovered(service);
  }

  /** Tells before the first row of the new server what that means for the ledger. */
  private tellGaps(service: SymbolService, to: GroupMember, from: GroupMember | undefined, cause?: string): void {
    const { notices } = this.parts;
    const { elsewhere, tradeUs, frontierUs } = service;
    if (elsewhere !== undefined && to.rank <= elsewhere.member.rank) {
      const { member, fromUs } = elsewhere;
      const gap = { type: 'gap', state: 'other_source', cause: elsewhere.cause } as const;
      notices.gap(service, member, { ...gap, fromUs, toUs: frontierUs });
      service.elsewhere = undefined;
    }
    if (cause === undefined || from === undefined || !Number.isFinite(frontierUs)) return;
    if (to.rank > from.rank) service.elsewhere ??= { member: from, fromUs: frontierUs, cause };
    const isCovered = to.source.isPolled === true || Math.max(to.coveredFromUs, to.held.forgottenUs) <= tradeUs;
    if (!isCovered && Number.isFinite(tradeUs)) return;
    const toUs = Math.max(to.newestUs, frontierUs + 1);
    notices.gap(service, from, { type: 'gap', state: 'other_source', cause, fromUs: frontierUs, toUs });
  }

  /** Once it is known from where on the new server has everything: what lies before is a hole, and history is asked. */
  private askForUncovered(service: SymbolService): void {
    const { uncovered, serving } = service;
    if (uncovered === undefined || serving === undefined) return;
    const toUs = Math.max(serving.coveredFromUs, serving.held.forgottenUs);
    if (toUs === Number.POSITIVE_INFINITY) return;
    service.uncovered = undefined;
    const { member, fromUs, cause } = uncovered;
    if (toUs <= fromUs) return;
    const hole = service.openHole(member, fromUs, toUs, cause);
    this.parts.notices.gap(service, member, { type: 'gap', state: 'missing', cause, fromUs, toUs });
    if (!this.fill(service, hole)) service.closeHole(hole);
  }

  /** What a source says of its own holes counts for those it serves, and for those it was asked to fill. */
  onGap(service: SymbolService, member: GroupMember, batch: EventBatch, row: number): void {
    const payload = batch.payload[row] as GapPayload;
    const hole = service.holes.find(
      ({ filler, fromUs, toUs }) => filler === member && fromUs < payload.toUs && toUs > payload.fromUs,
    );
    if (hole !== undefined) this.conclude(service, hole, payload.state === 'backfilled');
    else if (service.serving === member || service.serving === undefined) this.parts.put(batch, row);
  }

  private conclude(service: SymbolService, hole: SharedHole, isFilled: boolean): void {
    const { owner, filler, fromUs, toUs, cause } = hole;
    if (!isFilled) {
      if (!this.fill(service, hole)) service.closeHole(hole);
      return;
    }
    service.closeHole(hole);
    const state = filler === owner ? 'backfilled' : 'other_source';
    this.parts.notices.gap(service, owner, { type: 'gap', state, cause, fromUs, toUs });
  }

  /** Asks the cheapest source that was not asked yet: one without a quota, or with most of it left. */
  private fill(service: SymbolService, hole: SharedHole): boolean {
    const candidates = service.members
      .filter((member) => member.state !== 'failed' && !hole.asked.has(member))
      .map((member) => ({ member, health: member.source.health?.() }))
      .filter(({ health }) => health?.breaker !== 'open')
      .map(({ member, health }) => {
        const share = health?.quota === undefined ? 1 : health.quota.left / health.quota.limit;
        return { member, share };
      })
      .filter(({ share }) => share > 0)
      .sort((a, b) => b.share - a.share);
    for (const { member } of candidates) {
      hole.asked.add(member);
      hole.filler = member;
      if (member.source.fill?.(service.symbol, hole.fromUs, hole.toUs) === true) return true;
    }
    return false;
  }
}
