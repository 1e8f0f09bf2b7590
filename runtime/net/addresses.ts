import { BlockList, isIP } from 'node:net';

/** IPv4 that is nobody's on the internet: RFC 6890 and what came after it. */
const NOT_PUBLIC_V4: [address: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Of global unicast: tunnels that have an IPv4 address in them, and what is set aside for documentation and protocols. */
const NOT_PUBLIC_V6: [address: string, prefix: number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const v4 = blockListOf(NOT_PUBLIC_V4, 'ipv4');
const v6 = blockListOf(NOT_PUBLIC_V6, 'ipv6');
const globalUnicast = blockListOf([['2000::', 3]], 'ipv6');

/**
 * Whether an IP address is one of the internet: not loopback, private, link-local, shared, multicast or reserved, and no
 * IPv6 form of such an IPv4 address. Of IPv6 only global unicast (2000::/3) is. Text that is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  // A zone, as in fe80::1%eth0, is of link-local addresses.
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 4) return !v4.check(address, 'ipv4');
  if (family === 6) return globalUnicast.check(address, 'ipv6') && !v6.check(address, 'ipv6');
  return false;
}

function blockListOf(subnets: [address: string, prefix: number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family);
  return list;
}
