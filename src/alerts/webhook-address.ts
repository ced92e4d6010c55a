import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { TickloomError } from '../base/index.ts';

/** Everything of IPv4 that is no address of the public internet (IANA special-purpose registry). */
const PRIVATE_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
/** The same of IPv6, with every form that carries an IPv4 address inside. */
const PRIVATE_V6 =
  '::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 ' +
  'fc00::/7 fe80::/10 fec0::/10 ff00::/8';
const LOCAL_NAMES = /^(localhost|.*\.(localhost|local|internal|home\.arpa|intranet|lan))$/;

/** Two lists: in one the rules of IPv6 for embedded addresses would match plain IPv4 too. */
const privateV4 = blockList(PRIVATE_V4, 'ipv4');
const privateV6 = blockList(PRIVATE_V6, 'ipv6');

function blockList(ranges: string, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges.split(' ')) {
    const [network, bits] = range.split('/') as [string, string];
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** Whether an IP address is none of the public internet; so is a text that is no IP address. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  switch (isIP(plain)) {
    case 4:
      return privateV4.check(plain, 'ipv4');
    case 6:
      return privateV6.check(plain, 'ipv6');
    default:
      return true;
  }
}

/**
 * What is wrong with the address of a webhook, as far as it can be seen without asking anybody; undefined when nothing.
 * Spellings like `0x7f.1` or `2130706433` are read as browsers read them.
 */
export function webhookAddressFault(address: string, allowPrivate: boolean): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'allowed: an address that begins with https:// or http://';
  }
  if (url.username !== '' || url.password !== '') return 'allowed: an address without user and password';
  if (allowPrivate) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isPrivate = isIP(host) === 0 ? LOCAL_NAMES.test(host) || !host.includes('.') : isPrivateAddress(host);
  if (!isPrivate) return undefined;
  return `${host} is no address of the public internet; allow_private: true permits it`;
}

function refused(host: string, address: string): TickloomError {
  return new TickloomError('private-address', `${host} is at ${address}, which is no address of the public internet.`, {
    subject: host,
  });
}

/** @throws TickloomError `private-address` when a connection was made to an address that is not public. */
export function requirePublic(host: string, address: string | undefined): void {
  if (address === undefined || isPrivateAddress(address)) throw refused(host, address ?? 'an unknown address');
}

/** Looks a name up as connections do, and refuses it when any of its addresses is not public. */
export const publicLookup: LookupFunction = (host, options, done) => {
  const wanted: LookupOptions = { ...options, all: true };
  lookup(host, wanted, (error, found) => {
    if (error !== null) {
      done(error, '');
      return;
    }
    const addresses = found as unknown as readonly LookupAddress[];
    const hidden = addresses.find(({ address }) => isPrivateAddress(address));
    const [first] = addresses;
    if (hidden !== undefined || first === undefined) {
      done(refused(host, hidden?.address ?? 'no address'), '');
      return;
    }
    if (options.all === true) done(null, [...addresses]);
    else done(null, first.address, first.family);
  });
};
