import { createHash } from 'node:crypto';

/** The one of several activators that keeps a function's ledger: rendezvous hashing, so that a member's coming or going moves only its own functions. */
export function ownerOf(key: string, members: readonly string[]): string {
  let owner = '';
  let highest = '';
  for (const member of members) {
    const score = createHash('sha1').update(`${member}\0${key}`).digest('hex');
    if (score > highest) {
      highest = score;
      owner = member;
    }
  }
  return owner;
}
