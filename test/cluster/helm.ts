/** Prints the path of a helm 3: the cached one, built when it is missing. Progress goes to stderr. */
import { buildHelm } from './native/build.ts';

console.log(await buildHelm());
