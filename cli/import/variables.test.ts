import { describe, expect, it } from 'vitest';
import { ImportError } from './import-error.ts';
import { parse } from './parse.ts';
import { get, type Tree, textOf } from './tree.ts';
import { type VariableInputs, Variables } from './variables.ts';

const FILE = `
service: shop
custom:
  name: orders
  byStage: {dev: {size: 1}, prod: {size: 2}}
  list: [a, b]
  alias: \${self:custom.name}
  other: \${file(./other.yml)}
  circle: \${self:custom.round}
  round: x\${self:custom.circle}
params:
  default: {domain: example.org}
  prod: {domain: example.com}
provider: {name: aws, stage: "\${opt:stage, 'dev'}"}
`;

function resolved(value: string, inputs: Partial<VariableInputs> = {}, file = FILE): Tree {
  const whole = parse(`${file}value: ${JSON.stringify(value)}\n`);
  const tree = get(whole, 'value');
  if (!tree) throw new Error('no value');
  return new Variables(whole, { parameters: new Map(), env: {}, ...inputs }).resolve(tree);
}

describe('Variables', () => {
  it.each<[string, string, Partial<VariableInputs>]>([
    ['plain', 'plain', {}],
    ['${self:service}', 'shop', {}],
    ['${self:custom.alias}-${self:provider.stage}', 'orders-dev', {}],
    ['${self:custom.list.1}', 'b', {}],
    ['${self:custom.byStage.${sls:stage}.size}', '1', {}],
    ['${self:custom.byStage.${opt:stage, self:provider.stage}.size}', '2', { stage: 'prod' }],
    ["${opt:missing, 'a, b'}", 'a, b', {}],
    ['${opt:missing, "quoted"}', 'quoted', {}],
    ['${opt:missing, self:custom.nothing, ${self:custom.name}}', 'orders', {}],
    ['${opt:memory, 512}', '512', {}],
    ['${opt:memory, 512}', '1024', { parameters: new Map([['memory', '1024']]) }],
    ['${env:HOME_TOWN}', 'Rome', { env: { HOME_TOWN: 'Rome' } }],
    ["${env:HOME_TOWN, 'none'}", 'none', {}],
    ['${param:domain}', 'example.org', {}],
    ['${param:domain}', 'example.com', { stage: 'prod' }],
    ['${param:domain}', 'mine', { parameters: new Map([['domain', 'mine']]) }],
    ['${aws:region}', 'us-east-1', {}],
    [
      '${aws:region} ${aws:accountId}',
      'eu 1',
      {
        parameters: new Map([
          ['AWS::Region', 'eu'],
          ['AWS::AccountId', '1'],
        ]),
      },
    ],
    ['${ssm:/shop/key~true}', '{{resolve:ssm:/shop/key}}', {}],
    ['${ssm(eu-west-1):/shop/key}', '{{resolve:ssm:/shop/key}}', {}],
    ['arn:${AWS::Region}:${Table}', 'arn:${AWS::Region}:${Table}', {}],
  ])('%s is %s', (value, wanted, inputs) => expect(textOf(resolved(value, inputs))).toBe(wanted));

  it('a variable that is all of a value may be a list or a mapping', () => {
    expect(resolved('${self:custom.list}')).toMatchObject({ kind: 'list', items: [{ value: 'a' }, { value: 'b' }] });
  });

  it.each<[string, RegExp]>([
    ['${self:custom.nothing}', /\$\{self:custom\.nothing\} is not in the file/],
    ['${env:NOT_SET}', /the variable NOT_SET is not set in this shell/],
    ['${env:constructor}', /the variable constructor is not set/],
    ['${opt:stage}', /was not given: --stage STAGE/],
    ['${opt:other}', /--parameter other=VALUE/],
    ['${param:other}', /--parameter other=VALUE/],
    ['${file(./a.yml):b}', /run 'serverless print'/],
    ['${self:custom.other.key}', /run 'serverless print'/],
    ['${cf:stack.output}', /run 'serverless print'/],
    ['${mystery:x}', /run 'serverless print'/],
    ['${aws:accountId}', /known to AWS alone/],
    ['${sls:instanceId}', /made by Serverless Framework/],
    ['a ${self:service', /no closing brace/],
    [`${'${self:'.repeat(50)}x${'}'.repeat(50)}`, /no closing brace, or too much within it/],
  ])('%s is not known', (value, why) => expect(resolved(value)).toMatchObject({ kind: 'unknown', why: expect.stringMatching(why) }));

  const chain = Array.from({ length: 30 }, (_, n) => `  c${n}: "\${self:custom.c${n + 1}}"`).join('\n');
  const doubling = Array.from({ length: 18 }, (_, n) => `  c${n}: "\${self:custom.c${n + 1}}\${self:custom.c${n + 1}}"`).join('\n');
  it.each<[string, string, string, RegExp]>([
    ['a circle', '${self:custom.circle}', FILE, /\$\{self:custom\.circle\}, \$\{self:custom\.round\} refer to each other in a circle/],
    ['itself', '${self:value}', '', /in a circle/],
    ['a long chain', '${self:custom.c0}', `custom:\n${chain}\n`, /more than 20 variables/],
    ['doubling texts', '${self:custom.c0}', `custom:\n${doubling}\n  c18: xxxxx\n`, /more than 65536 characters/],
  ])('%s is refused', (_what, value, file, says) => {
    expect(() => resolved(value, {}, file)).toThrow(ImportError);
    expect(() => resolved(value, {}, file)).toThrow(says);
  });

  it('tells which variables of the environment were read', () => {
    const file = parse("a: ${env:A, 'x'}${env:B, 'y'}");
    const variables = new Variables(file, { parameters: new Map(), env: { B: 'b' } });
    variables.resolve(file);
    expect([...variables.environmentRead]).toEqual(['B']);
  });
});
