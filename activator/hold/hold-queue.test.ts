import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Held, HoldQueue } from './hold-queue.ts';
import { Holds } from './holds.ts';

const held = (): Held => ({ heldPrevious: undefined, heldNext: undefined, heldIn: undefined, giveWay: () => undefined });

describe('HoldQueue', () => {
  it('behaves as a list would, whatever is done to it', () => {
    const operation = fc.oneof(
      fc.record({ op: fc.constant('push' as const) }),
      fc.record({ op: fc.constant('unshift' as const) }),
      fc.record({ op: fc.constant('shift' as const) }),
      fc.record({ op: fc.constant('remove' as const), at: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const queue = new HoldQueue(5, new Holds(1000));
        const model: Held[] = [];
        for (const step of operations) {
          if (step.op === 'push') {
            const one = held();
            const room = model.length < 5;
            expect(queue.push(one)).toBe(room);
            if (room) model.push(one);
          } else if (step.op === 'unshift') {
            const one = held();
            queue.unshift(one);
            model.unshift(one);
          } else if (step.op === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else {
            const one = model[step.at];
            if (one) {
              expect(queue.remove(one)).toBe(true);
              expect(queue.remove(one)).toBe(false);
              model.splice(step.at, 1);
            }
          }
          expect(queue.length).toBe(model.length);
          expect(queue.first).toBe(model[0]);
        }
      }),
    );
  });
});
