/** An address of IPv4 as such, where a socket of IPv6 shows it mapped (::ffff:10.0.0.1). */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
