import { describe, expect, it } from 'vitest';
import type { FunctionState } from '../function-state.ts';
import { START_MILLIS, Starts } from './starts.ts';

/** Functions that are woken at once when their turn has come, as the waker does. */
class World {
  now = 0;
  limit = 2;
  readonly woken: string[] = [];
  readonly #functions = new Map<string, FunctionState>();
  readonly starts = new Starts({ clock: () => this.now, limit: () => this.limit, wake: (fn) => this.ensure(fn) });

  fn(name: string, held = 1): FunctionState {
    const known =
      this.#functions.get(name) ??
      ({
        name,
        namespace: name.split('/')[1] ?? 'ns',
        queue: { length: held },
        isServed: name.startsWith('lazy'),
        hasOwnPod: false,
      } as unknown as FunctionState);
    this.#functions.set(name, known);
    return known;
  }

  /** Wanted no more when nobody is held and it was never to wake by itself (`lazy`). */
  ensure(fn: FunctionState): void {
    if (fn.queue.length === 0 && !fn.name.startsWith('lazy')) return;
    if (this.starts.take(fn)) this.woken.push(fn.name);
  }

  wake(...names: string[]): void {
    for (const name of names) this.ensure(this.fn(name, name.startsWith('lazy') ? 0 : 1));
  }
}

describe('Starts', () => {
  it('wakes so many at once, and the next when one has its pod', () => {
    const world = new World();
    world.wake('a', 'b', 'c', 'd');
    expect(world.woken).toEqual(['a', 'b']);
    expect(world.starts.waiting).toBe(2);
    world.starts.ended(world.fn('b'));
    expect(world.woken).toEqual(['a', 'b', 'c']);
    // Of one that has none of the turns nothing comes free.
    world.starts.ended(world.fn('b'));
    expect(world.woken).toEqual(['a', 'b', 'c']);
  });

  it('lets those go first that somebody waits for', () => {
    const world = new World();
    world.wake('a', 'b', 'lazy', 'c', 'd');
    world.starts.ended(world.fn('a'));
    world.starts.ended(world.fn('b'));
    expect(world.woken).toEqual(['a', 'b', 'c', 'd']);
    world.starts.ended(world.fn('c'));
    expect(world.woken).toEqual(['a', 'b', 'c', 'd', 'lazy']);
  });

  it('one that a placeholder answers for is served by nobody', () => {
    const world = new World();
    world.wake('a', 'b', 'lazy placeholder', 'c');
    Object.assign(world.fn('lazy placeholder'), { isServed: false });
    world.starts.ended(world.fn('a'));
    expect(world.woken).toEqual(['a', 'b', 'lazy placeholder']);
  });

  it('no namespace keeps another asleep', () => {
    const world = new World();
    world.wake('a/one', 'b/one', 'c/one', 'd/one', 'e/two', 'lazy/three', 'f/three');
    world.starts.ended(world.fn('a/one'));
    expect(world.woken.slice(2)).toEqual(['e/two']);
    world.starts.ended(world.fn('e/two'));
    expect(world.woken.slice(3)).toEqual(['f/three']);
    world.starts.ended(world.fn('b/one'));
    expect(world.woken.slice(4)).toEqual(['c/one']);
    world.starts.ended(world.fn('c/one'));
    expect(world.woken.slice(5)).toEqual(['d/one']);
    world.starts.ended(world.fn('d/one'));
    expect(world.woken.slice(6)).toEqual(['lazy/three']);
  });

  it('a new one does not overtake those that wait, when a place has come free', () => {
    const world = new World();
    world.wake('a', 'b', 'c');
    world.limit = 3;
    world.wake('d');
    expect(world.woken).toEqual(['a', 'b']);
    world.starts.tick();
    expect(world.woken).toEqual(['a', 'b', 'c']);
  });

  it('forgets whoever does not want it any more', () => {
    const world = new World();
    world.wake('a', 'b', 'c', 'd');
    Object.assign(world.fn('c').queue, { length: 0 });
    world.starts.ended(world.fn('a'));
    expect(world.woken).toEqual(['a', 'b', 'd']);
    world.starts.ended(world.fn('b'));
    expect([world.woken, world.starts.waiting]).toEqual([['a', 'b', 'd'], 0]);
  });

  it('one whose pod is long in coming holds up nobody, and one whose pod the API has shown no longer', () => {
    const world = new World();
    world.wake('a', 'b', 'c', 'd');
    Object.assign(world.fn('b'), { hasOwnPod: true });
    world.starts.tick();
    expect(world.woken).toEqual(['a', 'b', 'c']);
    world.now = START_MILLIS + 1;
    world.starts.tick();
    expect(world.woken).toEqual(['a', 'b', 'c', 'd']);
  });

  it('one that is tried again, after a patch that failed, keeps its turn only while it has it', () => {
    const world = new World();
    world.wake('a', 'b', 'c');
    expect(world.starts.take(world.fn('a'))).toBe(true);
    world.starts.ended(world.fn('a'));
    expect(world.woken).toEqual(['a', 'b', 'c']);
    expect(world.starts.take(world.fn('a'))).toBe(false);
  });

  it('without a limit all start at once', () => {
    const world = new World();
    world.limit = Number.POSITIVE_INFINITY;
    const names = Array.from({ length: 1000 }, (_, i) => `f${i}`);
    world.wake(...names);
    expect(world.woken).toEqual(names);
  });
});
