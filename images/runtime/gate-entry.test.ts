import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Gate } from './gate.ts';
import { enterGate } from './gate-entry.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function come(gate: Gate | undefined, deadline: number) {
  const res = new EventEmitter();
  const call = {
    onClose: (listener: () => void) => void res.on('close', listener),
    offClose: (listener: () => void) => void res.off('close', listener),
  };
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  enterGate({ gate, call, deadline, entered: tell('entered'), late: tell('late'), left: tell('left') });
  return { res, told };
}

it('enters at once where there is no gate, or a slot', () => {
  const gate = new Gate(1);
  expect([come(undefined, 0).told, come(gate, 0).told, gate.taken]).toEqual([['entered'], ['entered'], 1]);
});

it('waits for a slot, and then is told nothing more', () => {
  const gate = new Gate(1);
  gate.tryTake();
  const { res, told } = come(gate, Date.now() + 1000);
  expect(told).toEqual([]);
  gate.release();
  vi.advanceTimersByTime(2000);
  res.emit('close');
  expect([told, gate.taken, res.listenerCount('close')]).toEqual([['entered'], 1, 0]);
});

it('is late at its deadline, and takes no slot', () => {
  const gate = new Gate(1);
  gate.tryTake();
  const { res, told } = come(gate, Date.now() + 1000);
  vi.advanceTimersByTime(1000);
  gate.release();
  expect([told, gate.taken, res.listenerCount('close')]).toEqual([['late'], 0, 0]);
});

it('leaves when whoever sent it goes, and takes no slot', () => {
  const gate = new Gate(1);
  gate.tryTake();
  const { res, told } = come(gate, Date.now() + 1000);
  res.emit('close');
  gate.release();
  vi.advanceTimersByTime(2000);
  expect([told, gate.taken]).toEqual([['left'], 0]);
});
