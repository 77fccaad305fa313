import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Gate } from './gate.ts';

it('never gives more slots than there are, serves those that wait in turn, and gives direct callers only what nobody waits for', () => {
  const step = fc.record({ op: fc.constantFrom('try', 'wait', 'leave', 'release'), at: fc.nat(9) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 100 }), (slots, steps) => {
      const gate = new Gate(slots);
      let held = 0;
      let next = 0;
      const waiting: { id: number; leave: () => boolean }[] = [];
      for (const { op, at } of steps) {
        if (op === 'try') {
          const free = held < slots && waiting.length === 0;
          expect(gate.tryTake()).toBe(free);
          if (free) held += 1;
        } else if (op === 'wait' && held === slots) {
          const id = next;
          next += 1;
          const leave = gate.wait(() => {
            // First come, first served.
            expect(waiting[0]?.id).toBe(id);
            waiting.shift();
            held += 1;
          });
          waiting.push({ id, leave });
        } else if (op === 'leave' && waiting[at]) {
          expect(waiting[at].leave()).toBe(true);
          expect(waiting[at].leave()).toBe(false);
          waiting.splice(at, 1);
        } else if (op === 'release' && held > 0) {
          held -= 1;
          gate.release();
        }
        expect(held).toBeLessThanOrEqual(slots);
        expect(gate.taken).toBe(held);
        if (waiting.length > 0) expect(held).toBe(slots);
      }
    }),
  );
});
