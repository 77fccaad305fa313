/** Writes crds/*.yaml, and the chart's copies, from the types in common/api. `make crds` runs it; `make verify` fails when the result differs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { GROUP, VERSION } from '../common/api/names.ts';
import { FUNCTION_RULES, RUNTIME_RULES, WARM_POOL_RULES } from '../common/api/rules.ts';
import { type StructuralSchema, structuralSchema } from './schema.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
/** Above 262144 bytes a client-side `kubectl apply` of a CRD fails (KEDA's ScaledJob: 668 KB); we keep well below. */
const MAX_BYTES = 200_000;

interface Column {
  name: string;
  type: string;
  jsonPath: string;
  priority?: number;
  description?: string;
}

interface Crd {
  kind: string;
  plural: string;
  scope: 'Namespaced' | 'Cluster';
  shortNames: string[];
  columns: Column[];
  schema: StructuralSchema;
  subresources?: Record<string, unknown>;
}

const READY = '.status.conditions[?(@.type=="Ready")]';

function functionCrd(): Crd {
  const schema = structuralSchema(
    path.join(ROOT, 'common/api/function.ts'),
    'LullFunction',
    path.join(ROOT, 'tsconfig.json'),
    FUNCTION_RULES,
  );
  const spec = schema.properties?.['spec'];
  const conditions = schema.properties?.['status']?.properties?.['conditions'];
  if (!spec?.properties?.['scale'] || !conditions?.items?.properties?.['lastTransitionTime'])
    throw new Error('the Function type has lost spec.scale or status.conditions');
  // So that what is below spec.scale is filled in when it is left out altogether (the rules on it are checked against this very default).
  spec.properties['scale']['default'] = Object.fromEntries(
    Object.entries(spec.properties['scale'].properties ?? {}).flatMap(([name, child]) =>
      child['default'] === undefined ? [] : [[name, child['default']]],
    ),
  );
  conditions['x-kubernetes-list-type'] = 'map';
  conditions['x-kubernetes-list-map-keys'] = ['type'];
  conditions.items.properties['lastTransitionTime']['format'] = 'date-time';
  // A variable named twice is then refused by the API server itself.
  Object.assign(spec.properties['env'] ?? {}, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] });
  return {
    kind: 'Function',
    plural: 'functions',
    scope: 'Namespaced',
    shortNames: ['fn'],
    columns: [
      { name: 'Ready', type: 'string', jsonPath: `${READY}.status` },
      { name: 'URL', type: 'string', jsonPath: '.status.url' },
      { name: 'Runtime', type: 'string', jsonPath: '.spec.runtime' },
      { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      { name: 'Reason', type: 'string', jsonPath: `${READY}.reason`, priority: 1 },
      { name: 'Scale', type: 'string', jsonPath: '.status.scale.reason', priority: 1 },
    ],
    schema,
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
    },
  };
}

function runtimeCrd(): Crd {
  return {
    kind: 'Runtime',
    plural: 'runtimes',
    scope: 'Cluster',
    shortNames: [],
    columns: [
      { name: 'Image', type: 'string', jsonPath: '.spec.image' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    schema: structuralSchema(path.join(ROOT, 'common/api/runtime.ts'), 'LullRuntime', path.join(ROOT, 'tsconfig.json'), RUNTIME_RULES),
  };
}

function warmPoolCrd(): Crd {
  return {
    kind: 'WarmPool',
    plural: 'warmpools',
    scope: 'Namespaced',
    shortNames: ['wp'],
    columns: [
      { name: 'Ready', type: 'string', jsonPath: `${READY}.status` },
      { name: 'Runtime', type: 'string', jsonPath: '.spec.runtime' },
      { name: 'Size', type: 'integer', jsonPath: '.status.size' },
      { name: 'Free', type: 'integer', jsonPath: '.status.free' },
      { name: 'Claims', type: 'integer', jsonPath: '.status.claims' },
      { name: 'Idle pod-seconds', type: 'integer', jsonPath: '.status.idlePodSeconds' },
      { name: 'Saved ms', type: 'integer', jsonPath: '.status.savedMilliseconds' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      { name: 'Why', type: 'string', jsonPath: '.status.sizeReason', priority: 1 },
      { name: 'Message', type: 'string', jsonPath: `${READY}.message`, priority: 1 },
    ],
    schema: structuralSchema(path.join(ROOT, 'common/api/warm-pool.ts'), 'LullWarmPool', path.join(ROOT, 'tsconfig.json'), WARM_POOL_RULES),
    subresources: { status: {} },
  };
}

function manifest(crd: Crd): string {
  const { metadata: _, ...properties } = crd.schema.properties ?? {};
  // metadata is the API server's own; a rule on the object may still speak of metadata.name.
  const schema = {
    ...crd.schema,
    required: ['spec'],
    properties: { ...properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } },
  };
  return stringify(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${crd.plural}.${GROUP}`, labels: { 'app.kubernetes.io/part-of': 'lull' } },
      spec: {
        group: GROUP,
        scope: crd.scope,
        names: {
          kind: crd.kind,
          listKind: `${crd.kind}List`,
          plural: crd.plural,
          singular: crd.kind.toLowerCase(),
          shortNames: crd.shortNames,
          categories: ['lull'],
        },
        versions: [
          {
            name: VERSION,
            served: true,
            storage: true,
            additionalPrinterColumns: crd.columns,
            schema: { openAPIV3Schema: schema },
            ...(crd.subresources && { subresources: crd.subresources }),
          },
        ],
      },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

for (const crd of [functionCrd(), runtimeCrd(), warmPoolCrd()]) {
  const text = `# Generated by crds/generate.ts from common/api: do not edit, run \`make crds\`.\n${manifest(crd)}`;
  if (text.length > MAX_BYTES) throw new Error(`${crd.plural}: ${text.length} bytes, more than ${MAX_BYTES}`);
  for (const folder of ['crds', 'charts/lull/files/crds']) {
    mkdirSync(path.join(ROOT, folder), { recursive: true });
    writeFileSync(path.join(ROOT, folder, `${crd.plural}.${GROUP}.yaml`), text);
  }
}
