import { Agent, request } from 'undici';
import { TickloomError } from '../base/index.ts';
import { systemCode } from './file-system.ts';

/** A GET below the base address of a client. */
export interface HttpRequest {
  /** Path below the base address, beginning with `/`, or a paging link of the same origin. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  /** May hold keys; sent to the base address only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it takes of the plan's limits; 1 where nothing is said. */
  readonly cost?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface HttpClientOptions {
  readonly baseUrl: string;
  /** Connections to the host. */
  readonly poolSize: number;
  readonly timeoutMs: number;
  /** Largest answer that is read. */
  readonly maxBytes: number;
  /** Further certificate authorities in PEM, beside the built-in ones' place. */
  readonly ca?: string;
}

/**
 * Asks one host. Redirects are answers like any other and are not followed; a link to another origin is an error, so
 * that keys go nowhere else. Errors name host and path, never a query or a header.
 */
export class HttpClient {
  private readonly options: HttpClientOptions;
  private readonly base: URL;
  private readonly agent: Agent;

  constructor(options: HttpClientOptions) {
    this.options = options;
    this.base = new URL(options.baseUrl);
    this.agent = new Agent({
      connections: options.poolSize,
      ...(options.ca === undefined ? {} : { connect: { ca: options.ca } }),
    });
  }

  /**
   * @throws TickloomError `foreign-link`, `http-timeout`, `http-too-large`, or `http-failed` for anything that kept an
   * answer from coming.
   */
  async get(wanted: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const url = this.address(wanted);
    const shown = `${url.host}${url.pathname}`;
    const timeout = AbortSignal.timeout(this.options.timeoutMs);
    try {
      const answer = await request(url, {
        dispatcher: this.agent,
        headers: { 'user-agent': 'tickloom', accept: 'application/json', ...wanted.headers },
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return { status: answer.statusCode, headers: flat(answer.headers), text: await this.bounded(answer.body, shown) };
    } catch (error) {
      if (error instanceof TickloomError) throw error;
      if (timeout.aborted) {
        throw new TickloomError('http-timeout', `${shown} did not answer within ${this.options.timeoutMs} ms.`, {
          subject: shown,
        });
      }
      const code = systemCode(error) ?? 'no answer';
      throw new TickloomError('http-failed', `${shown} could not be asked (${code}).`, { subject: code });
    }
  }

  /** The address of a request. A base with a path of its own keeps it. */
  private address({ path, query = {} }: HttpRequest): URL {
    const isLink = /^[a-z]+:\/\//i.test(path);
    const url = isLink ? new URL(path) : new URL(`${this.base.href.replace(/\/$/, '')}${path}`);
    if (url.origin !== this.base.origin) {
      throw new TickloomError(
        'foreign-link',
        `A link leads to ${url.host} instead of ${this.base.host}; not followed.`,
        {
          subject: url.host,
        },
      );
    }
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    return url;
  }

  private async bounded(body: AsyncIterable<Uint8Array>, shown: string): Promise<string> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of body) {
      bytes += part.length;
      if (bytes > this.options.maxBytes) {
        throw new TickloomError('http-too-large', `${shown} answered with more than ${this.options.maxBytes} bytes.`, {
          subject: shown,
        });
      }
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
