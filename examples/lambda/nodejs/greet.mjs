// A result that is waited for, and the ways in which a Node handler fails.
import { setTimeout as sleep } from 'node:timers/promises';

class NoName extends Error {
  name = 'NoName';
}

export const handler = async ({ name }) => {
  if (!name) throw new NoName('received no name');
  if (name === 'exit') process.exit(1);
  if (name === 'throw later')
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  await sleep(name === 'wait' || name === 'throw later' ? 60_000 : 10);
  return { message: `Hello ${name}!` };
};
