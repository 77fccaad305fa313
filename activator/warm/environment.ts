/** A variable of a container, as a Deployment has it. */
export interface ContainerVariable {
  name: string;
  value?: string;
  valueFrom?: { fieldRef?: unknown; secretKeyRef?: { optional?: boolean }; configMapKeyRef?: { optional?: boolean } };
}

/** Variables whose values are in Secrets and ConfigMaps, which no component of Lull may read: a pod of the function's own is asked for them (docs/adr/0017). */
export function referredNames(variables: readonly ContainerVariable[]): string[] {
  return variables.filter(({ valueFrom }) => valueFrom?.secretKeyRef || valueFrom?.configMapKeyRef).map(({ name }) => name);
}

/** What a claim gives as the environment; undefined when a value is needed that nobody has told yet. What comes from the pod itself (fieldRef: its name, its IP) the pod has. */
export function claimEnvironment(
  variables: readonly ContainerVariable[],
  told: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of variables) {
    if (valueFrom === undefined) env[name] = asKubelet(value ?? '');
    else if (valueFrom.fieldRef === undefined) {
      const known = told?.[name];
      if (known !== undefined) env[name] = known;
      else if (told === undefined || !(valueFrom.secretKeyRef ?? valueFrom.configMapKeyRef)?.optional) return undefined;
    }
  }
  return env;
}

/** The kubelet reads $(NAME) in a value, which no function has that may be claimed for (operator/warm/eligible.ts), and makes $ of $$, wherever it stands. */
function asKubelet(value: string): string {
  return value.replaceAll('$$', () => '$');
}
