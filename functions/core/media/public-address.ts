// Whether an IP address belongs to the public internet. Pure. Law: what is not known to be public is refused.
// Source: the IANA special-purpose address registries for IPv4 and IPv6.
import { BlockList, isIP } from 'node:net';

const SPECIAL_IPV4 = toBlockList('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT; also inside of AWS
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local: the metadata of instances, containers and functions
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);

/** All that is assigned for the public today. Mapped IPv4, NAT64, unique local, link-local and multicast lie outside. */
const GLOBAL_IPV6 = toBlockList('ipv6', ['2000::/3']);

const SPECIAL_IPV6 = toBlockList('ipv6', [
  '2001::/23', // protocol assignments: Teredo, ORCHID and others, some of which carry IPv4 addresses
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4 carries IPv4 addresses
  '3fff::/20', // documentation
]);

/** `address`: as a resolver writes it. A zone (`%eth0`) names an interface of this machine, so it is never public. */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  const version = isIP(address);
  if (version === 4) return !SPECIAL_IPV4.check(address, 'ipv4');
  if (version === 6) return GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6');
  return false;
}

function toBlockList(version: 'ipv4' | 'ipv6', ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, bits] = range.split('/') as [string, string];
    list.addSubnet(network, Number(bits), version);
  }
  return list;
}
