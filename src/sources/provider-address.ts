/** A provider's own address, or the one of the configuration, without a path that the requests name themselves. */
export function baseAddress(configured: string, own: string, path = ''): string {
  const base = (configured === '' ? own : configured).replace(/\/+$/, '');
  return path !== '' && base.endsWith(path) ? base.slice(0, -path.length) : base;
}
