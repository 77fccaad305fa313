import type { Live, Observation } from '../autoscaler/observation.ts';
import type { DirectObservation } from './decide-direct.ts';

/**
 * Of a look at a function, what direct access goes by. Whether anybody waits only the activators themselves can tell, and none may be missing. A pod may: after each
 * scale-down one is scraped in vain for some seconds, and what a full pod hands on shows at the activators.
 */
export function directObservation(observation: Observation | undefined, live: Live | undefined): DirectObservation | undefined {
  if (!observation) return undefined;
  const { demand, ageMillis, staleMillis, activators, covered } = observation;
  return {
    demandStable: demand.stable,
    demandPanic: demand.panic,
    demandNow: demand.now,
    held: live?.held ?? 0,
    fresh: ageMillis <= staleMillis && activators && covered && live !== undefined,
  };
}
