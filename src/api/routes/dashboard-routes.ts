import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const YEAR_S = 31_536_000;

/** Serves the built dashboard: hashed assets for good, the page itself always asked for anew. */
export async function addDashboardRoutes(
  app: FastifyInstance,
  dashboardDir: string,
  policy: () => string,
): Promise<void> {
  await app.register(fastifyStatic, {
    root: dashboardDir,
    wildcard: true,
    index: ['index.html'],
    dotfiles: 'deny',
    cacheControl: false,
    setHeaders: (response, path) => {
      const isAsset = path.startsWith(join(dashboardDir, 'assets'));
      response.header('cache-control', isAsset ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
      if (path.endsWith('.html')) response.header('content-security-policy', policy());
    },
  });
}

/** Whether a dashboard was built into a folder. */
export function hasDashboard(dashboardDir: string): boolean {
  return existsSync(join(dashboardDir, 'index.html'));
}

/** Whether an unknown path is a place inside the dashboard (a deep link that a person opened). */
export function isPageRequest(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0] as string;
  const isPage =
    !/^\/(api|health|metrics|docs|ws|ml|patterns\/realtime|openapi\.json)(\/|$)/.test(path) &&
    !/\.[a-z0-9]+$/i.test(path);
  return request.method === 'GET' && isPage && (request.headers.accept ?? '').includes('text/html');
}

export function sendPage(reply: FastifyReply): FastifyReply {
  return reply.sendFile('index.html');
}

/** The content security policy of the page. `socketPort` is a second port that the page may open sockets to. */
export function pagePolicy(socketPort: number | undefined): string {
  const sockets = socketPort === undefined ? '' : ` ws://localhost:${socketPort} ws://127.0.0.1:${socketPort}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${sockets}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
