import { Rig } from '../../activator/testing/rig.ts';
import { GenericPod } from './generic-pod.ts';

/** The activators and generic pods of a test, which end with it. */
export class WarmRigs {
  readonly #rigs: Rig[] = [];
  readonly #pods: GenericPod[] = [];

  /** An activator that listens. */
  async rig(...options: ConstructorParameters<typeof Rig>): Promise<Rig> {
    const rig = this.keep(new Rig(...options));
    await rig.listen();
    return rig;
  }

  /** One that is made otherwise ends with the others. */
  keep(rig: Rig): Rig {
    this.#rigs.push(rig);
    return rig;
  }

  /** A free pod that is ready. */
  async pod(rig: Rig, name: string): Promise<GenericPod> {
    const pod = new GenericPod(rig, name);
    this.#pods.push(pod);
    return await pod.ready();
  }

  async end(): Promise<void> {
    for (const { process } of this.#pods) process.kill('SIGKILL');
    await Promise.all(this.#pods.map(({ ended }) => ended));
    for (const rig of this.#rigs) rig.close();
    this.#pods.length = 0;
    this.#rigs.length = 0;
  }
}
