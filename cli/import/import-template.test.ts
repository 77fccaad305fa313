import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { Manifest } from './description.ts';
import { DiskFolder } from './disk-folder.ts';
import type { Folder } from './folder.ts';
import { ImportError } from './import-error.ts';
import { importTemplate } from './import-template.ts';
import { manifestText } from './manifest-text.ts';
import { notesText } from './notes-text.ts';
import { crdProblems } from './testing/crd-schema.ts';
import { FIXTURES, fixtureFolder, NO_OPTIONS } from './testing/fixtures.ts';

const NOWHERE: Folder = { list: () => ({ kind: 'missing' }), read: () => undefined };

/** The same with some code, where there is none: the schema asks for it, and that is the one thing an import may leave open. */
function completed(manifest: Manifest): Manifest {
  const code = manifest.spec.runtime === undefined ? { image: 'x' } : { inline: { 'a.py': '' } };
  return { ...manifest, spec: { ...manifest.spec, code: manifest.spec.code ?? code } };
}

describe('importTemplate', () => {
  describe.each(FIXTURES)('$folder', (fixture) => {
    const folder = fixtureFolder(fixture);
    const { manifests, notes } = importTemplate(
      readFileSync(path.join(folder, fixture.file), 'utf8'),
      { ...NO_OPTIONS, ...fixture.options },
      new DiskFolder(folder),
    );
    const expected = (ending: string): string =>
      readFileSync(path.join(import.meta.dirname, 'testing/expected', `${fixture.folder}.${ending}`), 'utf8');

    it('gives these Functions', () => {
      expect(manifests).toEqual(parseAllDocuments(expected('yaml')).map((document) => document.toJS() as unknown));
    });
    it('written as YAML they are the same', () => expect(manifests.map(manifestText).join('---\n')).toBe(expected('yaml')));
    it('with these notes', () => expect(notesText(fixture.file, notes, (text) => text)).toBe(expected('txt')));
    it('the CRD takes them, but for code that is missing', () => {
      expect(manifests.map(completed).flatMap(crdProblems)).toEqual([]);
      for (const manifest of manifests) expect(crdProblems(manifest).length === 0).toBe(manifest.spec.code !== undefined);
    });
  });

  const sam = (properties: string): string => `Resources: {A: {Type: 'AWS::Serverless::Function', Properties: ${properties}}}`;
  it.each<[string, string, RegExp]>([
    ['a text', 'hello', /it holds no keys/],
    ['a list', '- a', /it holds no keys/],
    ['something else', 'version: 3\nservices: {}', /neither a SAM or CloudFormation template \(Resources\) nor a serverless\.yml/],
    ['a Kubernetes manifest', 'apiVersion: v1\nkind: Pod', /it is a Kubernetes manifest \(Pod\)/],
    ['no function', 'Resources: {A: {Type: AWS::S3::Bucket}}', /no function is in the template/],
    ['no functions', 'service: a\nprovider: {name: aws}', /no function is in the file/],
    ['empty functions', 'service: a\nprovider: {name: aws}\nfunctions:\n', /no function is in the file/],
    [
      'functions elsewhere',
      'service: a\nprovider: {name: aws}\nfunctions: ${file(fns.yml)}',
      /functions are not in this file: .*serverless print/,
    ],
    [
      'some functions elsewhere',
      'service: a\nprovider: aws\nfunctions: [{a: {handler: a.b}}, "${file(x.yml)}"]',
      /functions are not in this file/,
    ],
    ['another cloud', 'service: a\nprovider: {name: google}\nfunctions: {a: {handler: b.c}}', /the provider is google/],
    ['a circle of conditions', `Conditions: {A: !Not [!Condition A]}\n${sam('{Handler: !If [A, b, c]}')}`, /in a circle/],
    [
      'a circle of variables',
      'service: a\nprovider: {name: aws}\ncustom: {a: "${self:custom.a}"}\nfunctions: {a: {handler: "${self:custom.a}"}}',
      /in a circle/,
    ],
  ])('%s is refused in a sentence', (_what, text, says) => {
    expect(() => importTemplate(text, NO_OPTIONS, NOWHERE)).toThrow(ImportError);
    expect(() => importTemplate(text, NO_OPTIONS, NOWHERE)).toThrow(says);
  });

  it.each<[string, string, string, RegExp]>([
    ['a timeout that is a word', '{Timeout: soon}', 'Timeout', /it is not a whole number/],
    ['a memory that AWS knows', '{MemorySize: !ImportValue x}', 'MemorySize', /output of another stack/],
    [
      'variables that AWS knows',
      '{Environment: {Variables: !Transform {Name: x}}}',
      'Environment.Variables',
      /evaluated by CloudFormation/,
    ],
    ['events that AWS knows', '{Events: !Transform {Name: x}}', 'Events', /evaluated by CloudFormation/],
    ['properties that AWS knows', '!Transform {Name: x}', 'Properties', /evaluated by CloudFormation/],
    ['code that AWS knows', '{Runtime: python3.11, Handler: a.b, CodeUri: !Ref Where}', 'code', /Where is neither a parameter/],
    ['a property of tomorrow', '{Teleport: yes}', 'Teleport', /does not know it/],
    ['too many pods', '{ReservedConcurrentExecutions: 5000}', 'ReservedConcurrentExecutions', /5000 pods is not within 1 and 1000/],
    ['no time', '{Timeout: 0}', 'Timeout', /0s is not within 1 and 900/],
  ])('%s is noted', (_what, properties, what, says) => {
    const { notes } = importTemplate(sam(properties), NO_OPTIONS, NOWHERE);
    expect(notes.filter((note) => note.what === what).map(({ text }) => text)).toEqual([expect.stringMatching(says)]);
  });

  it('provisioned concurrency above the default maximum raises it', () => {
    const [fn] = importTemplate(
      sam('{ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 200}}'),
      NO_OPTIONS,
      NOWHERE,
    ).manifests;
    expect(fn?.spec.scale).toEqual({ min: 200, max: 200 });
  });

  it('throws ImportError and nothing else, and gives only what the CRD takes, whatever stands in a template', () => {
    const word = fc.constantFrom(
      'a.b',
      'python3.11',
      'nodejs24.x',
      '${self:custom.a}',
      '${env:X, "y"}',
      '{{resolve:ssm:/a}}',
      '',
      '-1',
      '99999',
      's3://a/b',
      '../..',
      'a/b.c',
      '$(A)',
    );
    const keys = fc.constantFrom(
      ...[
        'Type',
        'Properties',
        'Handler',
        'Runtime',
        'CodeUri',
        'InlineCode',
        'ImageUri',
        'Environment',
        'Variables',
        'Events',
        'MemorySize',
        'Timeout',
      ],
      ...[
        'ReservedConcurrentExecutions',
        'ProvisionedConcurrencyConfig',
        'ProvisionedConcurrentExecutions',
        'Condition',
        'PackageType',
        'Metadata',
      ],
      ...[
        'Ref',
        'Fn::Sub',
        'Fn::If',
        'Fn::Join',
        'Path',
        'Method',
        'handler',
        'runtime',
        'events',
        'environment',
        'timeout',
        'http',
        'httpApi',
        'image',
        'a',
        'LAYERS',
      ],
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, word, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      map: fc.dictionary(fc.oneof({ weight: 9, arbitrary: keys }, { weight: 1, arbitrary: fc.string() }), tie('value'), { maxKeys: 6 }),
    }));
    const properties = fc.dictionary(keys, value, { maxKeys: 8 });
    const samTemplate = fc.record({
      Globals: fc.record({ Function: properties }),
      Parameters: value,
      Conditions: value,
      Resources: fc.dictionary(
        fc.string(),
        fc.record({ Type: fc.constantFrom('AWS::Serverless::Function', 'AWS::Lambda::Function'), Properties: properties }),
        { maxKeys: 3 },
      ),
    });
    const serverless = fc.record({
      service: fc.constant('a'),
      custom: fc.record({ a: value }),
      provider: fc.oneof(fc.constant('aws'), properties),
      functions: fc.dictionary(fc.string(), properties, { maxKeys: 3 }),
      resources: value,
    });
    let imported = 0;
    fc.assert(
      fc.property(fc.oneof(samTemplate, serverless, value), (template) => {
        try {
          const { manifests } = importTemplate(stringify(template), NO_OPTIONS, NOWHERE);
          imported += manifests.length;
          expect(manifests.map(completed).flatMap(crdProblems)).toEqual([]);
        } catch (error) {
          if (!(error instanceof ImportError)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
    // The property means something: most of these are templates.
    expect(imported).toBeGreaterThan(300);
  });

  it('writes YAML that is read as the same, whatever is in the code', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('a', ' ', '\t', '\n', '\r\n', '#', ': ', '- ', '---', '"', "'", '\u2028', 'é'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        const manifest: Manifest = {
          apiVersion: 'lull.dev/v1alpha1',
          kind: 'Function',
          metadata: { name: 'a' },
          spec: { code: { inline: { 'a.py': source } } },
        };
        expect(parseAllDocuments(manifestText(manifest)).map((document) => document.toJS() as unknown)).toEqual([manifest]);
      }),
      { numRuns: 1000, examples: [[' \n']] },
    );
  });
});
