import { median } from '../coldstart/statistics.ts';
import { cpuMicros, type LoadOptions, load } from './processes.ts';

/** Something to send load through: the bare server, the Go reference, the activator. */
export interface Target {
  name: string;
  pid: number;
  port: number;
  host: string;
}

export interface Case {
  name: string;
  path: string;
  connections: number;
  bodyBytes?: number;
}

export interface Row {
  target: string;
  /** Medians of the rounds, and the worst of them. */
  cpu: number;
  cpuWorst: number;
  rate: number;
  p50: number;
  p99: number;
  errors: number;
}

/** Runs one case through all targets in turn, several rounds, so that whatever else the machine does meets each of them alike. */
export async function interleaved(binary: string, targets: readonly Target[], kind: Case, rounds: number, seconds: number): Promise<Row[]> {
  const samples = new Map<string, { cpu: number; rate: number; p50: number; p99: number; errors: number }[]>();
  const options = (target: Target, time: number): LoadOptions => ({
    core: 1,
    port: target.port,
    host: target.host,
    path: kind.path,
    connections: kind.connections,
    seconds: time,
    bodyBytes: kind.bodyBytes ?? 0,
  });
  for (const target of targets) await load(binary, options(target, 1));
  for (let round = 0; round < rounds; round += 1) {
    for (const target of targets) {
      const before = cpuMicros(target.pid);
      const result = await load(binary, options(target, seconds));
      const cpu = (cpuMicros(target.pid) - before) / Math.max(1, result.requests);
      const own = samples.get(target.name) ?? [];
      own.push({ cpu, rate: result.requests / result.seconds, p50: result.p50, p99: result.p99, errors: result.errors });
      samples.set(target.name, own);
    }
  }
  return targets.map(({ name }) => {
    const own = samples.get(name) ?? [];
    const of = (key: 'cpu' | 'rate' | 'p50' | 'p99'): number => median(own.map((sample) => sample[key]));
    return {
      target: name,
      cpu: of('cpu'),
      cpuWorst: Math.max(...own.map(({ cpu }) => cpu)),
      rate: of('rate'),
      p50: of('p50'),
      p99: of('p99'),
      errors: own.reduce((sum, { errors }) => sum + errors, 0),
    };
  });
}
