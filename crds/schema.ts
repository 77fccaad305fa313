import { createGenerator, type Schema } from 'ts-json-schema-generator';
import type { CelRules } from '../common/api/rules.ts';

/** A node of a structural schema, as a CustomResourceDefinition holds it. */
export interface StructuralSchema {
  [key: string]: unknown;
  type?: string;
  description?: string;
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema | boolean;
  items?: StructuralSchema;
}

/** Keys of JSON Schema that a structural schema takes as they are. */
const KEPT = [
  'type',
  'description',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
];

/** The structural schema of an exported type: references resolved, what the API server does not take left out, CEL rules put on their places. */
export function structuralSchema(file: string, type: string, tsconfig: string, rules: CelRules): StructuralSchema {
  const generated = createGenerator({
    path: file,
    type,
    tsconfig,
    topRef: false,
    expose: 'all',
    jsDoc: 'extended',
    skipTypeCheck: true,
  }).createSchema(type);
  const definitions = (generated.definitions ?? {}) as Record<string, Schema>;
  const unused = new Set(Object.keys(rules));

  const convert = (node: Record<string, unknown>, path: string): StructuralSchema => {
    const resolved = resolve(node, definitions);
    const out: StructuralSchema = {};
    for (const key of KEPT) if (resolved[key] !== undefined) out[key] = resolved[key];
    if (typeof resolved['const'] === 'string') Object.assign(out, { type: 'string', enum: [resolved['const']] });
    if (out.type === 'integer') out['format'] = out['maximum'] === undefined ? 'int64' : 'int32';
    if (resolved['properties']) {
      out.properties = {};
      for (const [name, child] of Object.entries(resolved['properties'] as Record<string, Record<string, unknown>>)) {
        out.properties[name] = convert(child, path ? `${path}.${name}` : name);
      }
    } else if (typeof resolved['additionalProperties'] === 'object') {
      out.additionalProperties = convert(resolved['additionalProperties'] as Record<string, unknown>, `${path}{}`);
    }
    if (resolved['items']) out.items = convert(resolved['items'] as Record<string, unknown>, `${path}[]`);
    if (rules[path]) {
      out['x-kubernetes-validations'] = rules[path];
      unused.delete(path);
    }
    return out;
  };
  const root = convert(generated as Record<string, unknown>, '');
  if (unused.size > 0) throw new Error(`CEL rules for places that do not exist in ${type}: ${[...unused].join(', ')}`);
  return root;
}

/** Follows `$ref`; a description or bound beside the reference wins over that of the type referred to. */
function resolve(node: Record<string, unknown>, definitions: Record<string, Schema>): Record<string, unknown> {
  const ref = node['$ref'];
  if (typeof ref !== 'string') return node;
  const name = decodeURIComponent(ref.replace('#/definitions/', ''));
  const target = definitions[name];
  if (!target) throw new Error(`unresolved reference ${ref}`);
  const { $ref: _, ...own } = node;
  return { ...resolve(target as Record<string, unknown>, definitions), ...own };
}
