import { AwsError } from '../common/lambda-api/aws-error.ts';

/**
 * The Runtime that stands for one of AWS's: the one of that name; for the `provided` ones any of them, since the code brings its own interpreter. Another version of
 * a language is not taken in its place: code that was written for one may fail in another, and a script would never hear of it. Throws AwsError.
 */
export function chooseRuntime(asked: string, names: readonly string[]): string {
  if (names.includes(asked)) return asked;
  const provided = /^provided(\.|$)/;
  const own = provided.test(asked) ? [...names].sort().find((name) => provided.test(name)) : undefined;
  if (own !== undefined) return own;
  throw new AwsError(
    'InvalidParameterValueException',
    `Value ${asked} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${[...names].sort().join(', ')}]; the administrator adds a language as a Runtime (kubectl get runtimes)`,
  );
}
