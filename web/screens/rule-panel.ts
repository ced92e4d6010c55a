import type { AlertRuleRow, AlertRules, DeliveryList, DeliveryRow } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { duration, fixed, NO_VALUE } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { PolledPart } from './polled-part.ts';

const READ_EVERY_MS = 10_000;
const SHOWN_DELIVERIES = 50;

/** The rules that make alerts and send them to webhooks, how often they fired, and what became of each delivery. */
export class RulePanel {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #rulePlace = el('div', {}, skeleton(2));
  readonly #deliveryPlace = el('div', {}, skeleton(2));
  readonly #hooks = el('div', { class: 'button-row' });
  readonly #tested = el('p', { class: 'panel-note' });
  readonly #ruleTable: LiveTable<AlertRuleRow>;
  readonly #deliveryTable: LiveTable<DeliveryRow>;
  readonly #rules: PolledPart<AlertRules>;
  readonly #deliveries: PolledPart<DeliveryList>;
  #drawnHooks = '';

  constructor(context: AppContext) {
    this.#context = context;
    this.#ruleTable = this.#makeRuleTable();
    this.#deliveryTable = this.#makeDeliveryTable();
    const readDeliveries = (): Promise<DeliveryList> => api.deliveries(SHOWN_DELIVERIES);
    this.#rules = new PolledPart(context, this.#rulePlace, READ_EVERY_MS, api.alertRules, (found) =>
      this.#showRules(found),
    );
    this.#deliveries = new PolledPart(context, this.#deliveryPlace, READ_EVERY_MS, readDeliveries, (found) =>
      this.#showDeliveries(found),
    );
    this.element = el(
      'div',
      { class: 'rule-panels' },
      panel('Rules', this.#rulePlace, this.#hooks, this.#tested),
      panel('Deliveries to webhooks', this.#deliveryPlace),
    );
  }

  start(): void {
    this.#rules.start();
    this.#deliveries.start();
  }

  stop(): void {
    this.#rules.stop();
    this.#deliveries.stop();
  }

  #showRules({ rules, webhooks }: AlertRules): void {
    if (rules.length === 0) {
      const advice = 'Alerts are in the list above all the same. Rules are in the configuration, under';
      this.#rulePlace.replaceChildren(emptyPanel('No rule sends alerts anywhere', advice, 'alerts.rules', 'alerts'));
    } else {
      if (this.#ruleTable.element.parentElement === null) this.#rulePlace.replaceChildren(this.#ruleTable.element);
      this.#ruleTable.update(rules, Date.now());
    }
    const names = webhooks.map(({ name, host }) => `${name}|${host}`).join();
    if (names === this.#drawnHooks) return;
    this.#drawnHooks = names;
    const buttons = webhooks.map(({ name, host }) => {
      const button = el('button', { class: 'button', text: `Test ${name} at ${host}`, attrs: { type: 'button' } });
      button.addEventListener('click', () => void this.#test(name, button));
      return button;
    });
    this.#hooks.replaceChildren(...buttons);
  }

  async #test(name: string, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    setText(this.#tested, `Sending a test message to ${name} …`);
    try {
      const result = await api.testWebhook(name);
      const how = result.is_delivered ? 'delivered' : `not delivered: ${result.error ?? 'no reason given'}`;
      const status = result.status === null ? '' : `, status ${result.status}`;
      setText(
        this.#tested,
        `${name}: ${how}${status}, in ${duration(result.latency_ms / 1000)}, id ${result.webhook_id}`,
      );
    } catch (error) {
      setText(this.#tested, `${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      button.disabled = false;
    }
    this.#context.announce(this.#tested.textContent ?? '');
    void this.#deliveries.readNow();
  }

  #showDeliveries({ deliveries }: DeliveryList): void {
    if (deliveries.length === 0) {
      const note = el('p', { class: 'muted panel-note', text: 'Nothing was sent to a webhook yet.' });
      this.#deliveryPlace.replaceChildren(note);
      return;
    }
    if (this.#deliveryTable.element.parentElement === null) {
      this.#deliveryPlace.replaceChildren(this.#deliveryTable.element);
    }
    this.#deliveryTable.update(deliveries, Date.now());
  }

  #makeRuleTable(): LiveTable<AlertRuleRow> {
    const list = (words: readonly string[]): string => (words.length === 0 ? 'all' : words.join(', '));
    return new LiveTable<AlertRuleRow>({
      caption: 'Alert rules',
      class: 'rule-table',
      keyOf: ({ name }) => name,
      columns: [
        { id: 'name', label: 'Rule', isRowHeader: true, text: ({ name }) => name },
        { id: 'mode', label: 'Mode', text: ({ mode }) => mode },
        { id: 'level', label: 'From level', text: ({ level }) => level },
        { id: 'kinds', label: 'About', text: ({ kinds }) => list(kinds) },
        { id: 'symbols', label: 'Symbols', text: ({ symbols }) => list(symbols) },
        { id: 'webhooks', label: 'Webhooks', text: ({ webhooks }) => webhooks.join(', ') || 'none' },
        {
          id: 'quiet',
          label: 'Quiet hours',
          text: ({ quiet_hours: quiet }) => (quiet === null ? 'none' : `${quiet.from}–${quiet.to} ${quiet.zone}`),
        },
        { id: 'cool', label: 'Cool-down', align: 'right', text: ({ cool_down_s }) => duration(cool_down_s) },
        { id: 'fired', label: 'Fired', align: 'right', text: ({ fired }) => fixed(fired, 0) },
        { id: 'last', label: 'Last', text: ({ last_fired }) => this.#time(last_fired) },
      ],
    });
  }

  #makeDeliveryTable(): LiveTable<DeliveryRow> {
    return new LiveTable<DeliveryRow>({
      caption: 'Deliveries, newest first',
      class: 'delivery-table',
      keyOf: ({ id }) => String(id),
      rowState: ({ state }) => state,
      order: (a, b) => b.id - a.id,
      columns: [
        { id: 'created', label: 'Made', text: ({ created }) => this.#time(created) },
        { id: 'webhook', label: 'Webhook', isRowHeader: true, text: ({ webhook }) => webhook },
        { id: 'rule', label: 'Rule', text: ({ rule }) => (rule === '' ? NO_VALUE : rule) },
        {
          id: 'state',
          label: 'State',
          text: ({ state }) => state,
          tone: ({ state }) => (state === 'dead' ? 'critical-text' : ''),
        },
        { id: 'attempts', label: 'Attempts', align: 'right', text: ({ attempts }) => fixed(attempts.length, 0) },
        {
          id: 'status',
          label: 'Status',
          align: 'right',
          text: ({ attempts }) => fixed(attempts.at(-1)?.status, 0),
        },
        { id: 'next', label: 'Next', text: ({ next_attempt }) => this.#time(next_attempt) },
        { id: 'error', label: 'Error', text: ({ error }) => error ?? 'none' },
        { id: 'id', label: 'webhook-id', text: ({ webhook_id }) => webhook_id },
      ],
    });
  }

  #time(at: string | null): string {
    return at === null ? NO_VALUE : this.#context.zoneClock().full(epochMs(at));
  }
}
