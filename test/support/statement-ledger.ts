/** What the checks read of an event. */
interface WireStatement {
  readonly type: string;
  readonly id: number;
  readonly timestamp: string;
  readonly statement_id: number;
  readonly symbol: string;
  readonly timeframe: string;
  readonly change?: 'new' | 'amended' | 'withdrawn';
  readonly replaces?: number | null;
  readonly bar_start?: string;
  readonly knowable_at?: string;
  readonly formed_from?: string;
  readonly formed_at?: string;
  readonly direction?: string;
  readonly action?: string;
  readonly entry_price?: number | null;
  readonly target_price?: number | null;
  readonly stop_loss?: number | null;
  readonly risk_reward_ratio?: number | null;
  readonly probability?: number | null;
  readonly odds?: WireOdds | null;
  readonly points?: readonly { readonly time: string }[];
  readonly patterns?: readonly number[];
  readonly expires_at?: string;
  readonly of?: number | null;
  readonly entered_at?: string;
  readonly left_at?: string;
}

interface WireOdds {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly n_effective: number;
  readonly success_rate: number | null;
  readonly random_rate: number;
}

/** Takes the events of a run in their order, as a client would, and notes everything that can not be true. */
export class StatementLedger {
  readonly faults: string[] = [];
  /** Events by type and change. */
  readonly counts = new Map<string, number>();
  /** Events that stand, by id. */
  readonly standing = new Map<number, WireStatement>();
  private readonly isInvalid: (event: WireStatement) => string | undefined;
  private lastId = 0;
  private lastUs = Number.NEGATIVE_INFINITY;

  /** @param isInvalid says what is wrong with the shape of an event */
  constructor(isInvalid: (event: WireStatement) => string | undefined) {
    this.isInvalid = isInvalid;
  }

  take(event: WireStatement): void {
    const kind = `${event.type} ${event.change ?? ''}`.trimEnd();
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const wrong = this.isInvalid(event);
    this.check(event, wrong === undefined, wrong ?? '');
    this.check(event, event.id > this.lastId, 'its id is not above the one before');
    const us = time(event.timestamp);
    this.check(event, us >= this.lastUs, 'it lies before the event in front of it');
    this.lastId = event.id;
    this.lastUs = us;
    this.checkChange(event);
    if (event.type === 'pattern_match') this.checkPattern(event);
    if (event.type === 'signal') this.checkSignal(event);
    if (event.type === 'outcome') this.checkOutcome(event);
    if (event.odds) this.checkOdds(event, event.odds);
    if (event.knowable_at !== undefined) {
      this.check(event, time(event.knowable_at) <= us, 'it was said before it was knowable');
      this.check(
        event,
        time(String(event.bar_start)) < time(event.knowable_at),
        'its bar begins after it was knowable',
      );
    }
  }

  /** `amended` and `withdrawn` name an event of the same kind that stands; `new` names none. */
  private checkChange(event: WireStatement): void {
    const { replaces, change } = event;
    if (change === undefined) return;
    this.check(event, (change === 'new') === (replaces === null), `it is ${change} and replaces ${replaces}`);
    if (typeof replaces === 'number') {
      const former = this.standing.get(replaces);
      this.check(event, former !== undefined, `it replaces ${replaces}, which does not stand`);
      this.check(event, former?.type === event.type, `it replaces a ${former?.type}`);
      this.check(event, former?.bar_start === event.bar_start, 'it replaces a statement about another bar');
      this.standing.delete(replaces);
    }
    if (change !== 'withdrawn') this.standing.set(event.id, event);
  }

  private checkPattern(event: WireStatement): void {
    const [from, formed, knowable] = [event.formed_from, event.formed_at, event.knowable_at].map((text) =>
      time(String(text)),
    ) as [number, number, number];
    this.check(event, from < formed, 'it was formed before it began');
    this.check(event, formed <= knowable, 'it was knowable before it was formed');
    for (const point of event.points ?? []) {
      this.check(event, time(point.time) >= from && time(point.time) < knowable, 'a point lies outside of it');
    }
    this.checkLevels(event, event.direction === 'up' ? 1 : event.direction === 'down' ? -1 : 0);
  }

  private checkSignal(event: WireStatement): void {
    const { action = '' } = event;
    this.checkLevels(event, action.endsWith('BUY') ? 1 : action.endsWith('SELL') ? -1 : 0);
    this.check(event, time(String(event.expires_at)) > time(String(event.bar_start)), 'it expired before its bar');
    if (action !== 'HOLD') this.check(event, event.patterns?.length === 1, 'it rests on no pattern');
    for (const pattern of event.patterns ?? []) this.check(event, pattern < event.id, 'it rests on a later pattern');
  }

  private checkOutcome(event: WireStatement): void {
    const [entered, left] = [time(String(event.entered_at)), time(String(event.left_at))];
    this.check(event, entered < left && left <= time(event.timestamp), 'its times are out of order');
    this.check(event, typeof event.of === 'number' && event.of < event.id, `it is the outcome of ${event.of}`);
  }

  /** Stop, entry and target lie in the direction, and the ratio is what they say. */
  private checkLevels(event: WireStatement, direction: 1 | 0 | -1): void {
    const { entry_price: entry, target_price: target, stop_loss: stop, risk_reward_ratio: ratio } = event;
    if (typeof entry !== 'number' || typeof target !== 'number' || typeof stop !== 'number') {
      this.check(
        event,
        [entry, target, stop, ratio].every((level) => level === null),
        'it has some levels only',
      );
      return;
    }
    this.check(event, direction !== 0, 'it has levels without a direction');
    const isOrdered = direction * (target - entry) > 0 && direction * (entry - stop) > 0;
    this.check(event, isOrdered && stop > 0 && target > 0, `stop ${stop}, entry ${entry}, target ${target}`);
    const said = Math.round((Math.abs(target - entry) / Math.abs(entry - stop)) * 10_000) / 10_000;
    this.check(
      event,
      Math.abs(said - (ratio ?? Number.NaN)) <= 1e-4 * Math.max(1, said),
      `its ratio is ${ratio}, not ${said}`,
    );
  }

  private checkOdds(event: WireStatement, odds: WireOdds): void {
    const { low, high, n, n_effective: effective, success_rate: rate, random_rate: random } = odds;
    this.check(event, low >= 0 && low <= high && high <= 1, `its interval is ${low} to ${high}`);
    this.check(event, (n === 0) === (rate === null), `its success rate is ${rate} of ${n}`);
    this.check(event, effective >= 0 && effective <= n + 1e-9, `${effective} of ${n} are independent`);
    this.check(event, random >= 0 && random <= 1, `its random rate is ${random}`);
    const { probability } = event;
    const isPercent = typeof probability === 'number' && probability >= 0 && probability <= 100;
    this.check(event, isPercent, `its probability is ${probability}`);
  }

  private check(event: WireStatement, holds: boolean, fault: string): void {
    if (!holds) this.faults.push(`${fault}: ${JSON.stringify(event)}`);
  }
}

function time(text: string): number {
  return Date.parse(text);
}
