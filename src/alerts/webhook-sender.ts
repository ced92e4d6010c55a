import { Agent, buildConnector, request } from 'undici';
import { TickloomError } from '../base/index.ts';
import { type Clock, systemCode } from '../host/index.ts';
import { publicLookup, requirePublic, webhookAddressFault } from './webhook-address.ts';
import { webhookHeaders } from './webhook-signature.ts';

/** Of an answer no more than this is taken in; nothing in it matters but its status. */
const MAX_ANSWER_BYTES = 65_536;
/** Longest that the rest of an answer is waited for once its status is known. */
const DRAIN_MS = 1_000;

/** Where alerts go. */
export interface Webhook {
  readonly name: string;
  readonly url: string;
  /** Whether it may be this machine or one of its network. */
  readonly allowPrivate: boolean;
  /** Keys that each message is signed with. */
  readonly keys: readonly Uint8Array[];
}

/** How one attempt ended. */
export interface SendResult {
  readonly isDelivered: boolean;
  /** HTTP status; undefined where none came. */
  readonly status: number | undefined;
  /** What went wrong, in words without secrets; undefined when delivered. */
  readonly error: string | undefined;
  readonly latencyMs: number;
}

/** Posts signed messages. Only a status of 2xx is a delivery; redirects are not followed. */
export class WebhookSender {
  private readonly clock: Clock;
  private readonly timeoutMs: number;
  private readonly openAgent: Agent;
  private readonly guardedAgent: Agent;

  constructor(clock: Clock, timeoutMs: number) {
    this.clock = clock;
    this.timeoutMs = timeoutMs;
    const guarded = buildConnector({ timeout: timeoutMs, lookup: publicLookup });
    this.openAgent = new Agent({ connections: 4 });
    this.guardedAgent = new Agent({
      connections: 4,
      connect: (options, done) => {
        guarded(options, (error, socket) => {
          if (error !== null) {
            done(error, null);
            return;
          }
          try {
            // The look-up was checked already; this is the address that was in fact connected to.
            requirePublic(options.hostname, socket.remoteAddress);
            done(null, socket);
          } catch (cause) {
            socket.destroy();
            done(cause as Error, null);
          }
        });
      },
    });
  }

  /** Makes one attempt; never throws. @param id the same on each attempt of a message */
  async send(webhook: Webhook, id: string, body: string, stop?: AbortSignal): Promise<SendResult> {
    const startMs = this.clock.monotonicMs();
    const end = (status: number | undefined, error: string | undefined): SendResult => ({
      isDelivered: error === undefined,
      status,
      error,
      latencyMs: this.clock.monotonicMs() - startMs,
    });
    const fault = webhookAddressFault(webhook.url, webhook.allowPrivate);
    if (fault !== undefined) return end(undefined, fault);
    const timeout = AbortSignal.timeout(this.timeoutMs);
    const headers = webhookHeaders(webhook.keys, id, Math.floor(this.clock.nowUs() / 1e6), body);
    try {
      const answer = await request(webhook.url, {
        method: 'POST',
        dispatcher: webhook.allowPrivate ? this.openAgent : this.guardedAgent,
        headers: { 'content-type': 'application/json', 'user-agent': 'tickloom', ...headers },
        body,
        signal: stop === undefined ? timeout : AbortSignal.any([timeout, stop]),
      });
      const { statusCode } = answer;
      await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal: AbortSignal.timeout(DRAIN_MS) }).catch(() => {
        // The status was said; whoever never ends the rest loses the connection and nothing else.
        answer.body.destroy();
      });
      const isDelivered = statusCode >= 200 && statusCode < 300;
      return end(statusCode, isDelivered ? undefined : `answered ${statusCode}`);
    } catch (error) {
      if (timeout.aborted) return end(undefined, `no answer within ${this.timeoutMs} ms`);
      return end(undefined, reasonOf(error));
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.openAgent.destroy(), this.guardedAgent.destroy()]);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TickloomError) return error.message;
  return systemCode(error) ?? (error instanceof Error ? error.message : String(error));
}
