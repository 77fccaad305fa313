import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

interface Schema {
  [key: string]: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  items?: Schema;
}

/** What the Function's CustomResourceDefinition says is wrong with an object, apart from its CEL rules: those are tried on a real API server. */
export function crdProblems(object: unknown): string[] {
  const result = schema.safeParse(object);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

interface Crd {
  spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
}

const crd = parse(readFileSync(path.resolve(import.meta.dirname, '../../../crds/functions.lull.dev.yaml'), 'utf8')) as Crd;
const schema = z.fromJSONSchema(strict(crd.spec.versions[0]?.schema.openAPIV3Schema ?? {}, true));

/** kubectl refuses fields that the schema does not have; metadata's are Kubernetes' own. */
function strict(node: Schema, isRoot = false): Schema {
  const { default: _preset, ...rest } = node;
  if (node.items) return { ...rest, items: strict(node.items) };
  if (!node.properties) return node.additionalProperties ? { ...rest, additionalProperties: strict(node.additionalProperties) } : rest;
  const properties = Object.entries(node.properties).map(([name, child]) => [name, isRoot && name === 'metadata' ? child : strict(child)]);
  return { ...rest, properties: Object.fromEntries(properties), additionalProperties: false };
}
