import type { IncomingMessage } from 'node:http';
import { isLoopback } from './bind-address.ts';

/** Why a request is refused before anything else is looked at. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Name in `tickloom_api_refused_total{limit}`. */
  readonly limit: string;
}

export interface CallerCheckOptions {
  /** Names beside those of this machine, with or without a port. */
  readonly allowedHosts: readonly string[];
  /** Origins beside the server's own, for example `https://desk.example`. */
  readonly allowedOrigins: readonly string[];
  /** Ports that the server listens on; filled in when it does. */
  readonly ports: ReadonlySet<number>;
  readonly maxUrlChars: number;
  readonly maxHeaders: number;
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i;

/**
 * Host and Origin allow-lists, also on loopback: a page of another site that was led here (by a form, a socket, or a
 * name that was re-bound to 127.0.0.1) shows up with its own Origin or its own Host.
 */
export class CallerCheck {
  private readonly options: CallerCheckOptions;
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;

  constructor(options: CallerCheckOptions) {
    this.options = options;
    this.hosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
    this.origins = new Set(options.allowedOrigins);
  }

  /** The reason to refuse a request or an upgrade, `undefined` when there is none. */
  refusal(request: IncomingMessage): Refusal | undefined {
    return this.sizeRefusal(request) ?? this.hostRefusal(request) ?? this.originRefusal(request);
  }

  private sizeRefusal(request: IncomingMessage): Refusal | undefined {
    const { maxUrlChars, maxHeaders } = this.options;
    if ((request.url ?? '').length > maxUrlChars) {
      return {
        status: 414,
        code: 'url_too_long',
        detail: `The request target is longer than ${maxUrlChars} characters.`,
        limit: 'urlChars',
      };
    }
    if (request.rawHeaders.length / 2 <= maxHeaders) return undefined;
    return {
      status: 431,
      code: 'too_many_headers',
      detail: `The request has more than ${maxHeaders} header lines.`,
      limit: 'headerCount',
    };
  }

  private hostRefusal(request: IncomingMessage): Refusal | undefined {
    const hosts = headerValues(request, 'host');
    if (hosts.length === 1 && this.isOurHost(hosts[0] as string)) return undefined;
    return {
      status: 421,
      code: 'unknown_host',
      detail: 'The Host header names another server. Known are localhost, 127.0.0.1, [::1] and api.allowed_hosts.',
      limit: 'host',
    };
  }

  private originRefusal(request: IncomingMessage): Refusal | undefined {
    const origins = headerValues(request, 'origin');
    if (origins.length === 0) return undefined;
    if (origins.length === 1 && this.isOurOrigin(origins[0] as string, request.headers.host ?? '')) return undefined;
    return {
      status: 403,
      code: 'foreign_origin',
      detail: 'The Origin header names another site. Known are the server itself and api.allowed_origins.',
      limit: 'origin',
    };
  }

  private isOurHost(host: string): boolean {
    const match = HOST.exec(host);
    if (match === null) return false;
    const name = (match[1] as string).toLowerCase();
    return isLoopback(name) || this.hosts.has(name) || this.hosts.has(host.toLowerCase());
  }

  /** Compared to the letter: browsers write origins in one way only. */
  private isOurOrigin(origin: string, host: string): boolean {
    if (this.origins.has(origin)) return true;
    if (origin === `http://${host}` || origin === `https://${host}`) return true;
    const match = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/.exec(origin);
    // A page from one of our own ports may use the other one (`dashboard.ws_port`).
    return match !== null && this.options.ports.has(match[2] === undefined ? 80 : Number(match[2]));
  }
}

function headerValues(request: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] as string);
  }
  return values;
}
