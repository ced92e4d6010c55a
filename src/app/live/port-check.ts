import { createServer } from 'node:net';
import { TickloomError } from '../../base/index.ts';

/**
 * Looks whether a port can be had before anything is opened or made, so that a start that cannot serve leaves nothing
 * behind. The server still says so itself when the port is lost in between.
 * @throws TickloomError `port-in-use`
 */
export async function checkPort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') resolve();
      else reject(inUse(host, port));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

function inUse(host: string, port: number): TickloomError {
  return new TickloomError(
    'port-in-use',
    `Port ${port} of ${host} is in use; choose another with --port (api.port), 0 for any free one.`,
    { subject: 'api.port' },
  );
}
