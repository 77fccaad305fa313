/**
 * A trace for an invocation that brings none, as AWS writes it.
 * @param id the invocation's UUID, of which it is made
 * @param now Unix milliseconds
 *
 * newTraceId('5759e988-bd86-4e3f-a1be-46a994272793', 1465510280000) → 'Root=1-5759e988-5759e988bd864e3fa1be46a9'
 */
export function newTraceId(id: string, now: number): string {
  // Without its hyphens; looking for them takes 2 µs.
  const unique = id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24, 28);
  return `Root=1-${Math.floor(now / 1000).toString(16)}-${unique}`;
}
