import { describe, expect, it } from 'vitest';
import { ImportError } from './import-error.ts';
import { Intrinsics } from './intrinsics.ts';
import { parse } from './parse.ts';
import { get, itemsOf, type Tree, textOf } from './tree.ts';

const TEMPLATE = `
Parameters:
  Stage: {Type: String, Default: dev}
  Bare: {Type: String}
  Secret: {Type: String, NoEcho: true, Default: hush}
  Loud: {Type: String, NoEcho: false, Default: aloud}
  Host: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /db/host}
  Zeros: {Type: String, Default: 007}
Mappings:
  Sizes: {dev: {n: 1}, prod: {n: 2}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  IsBare: !Equals [!Ref Bare, x]
  Both: !And [!Condition IsDev, {Condition: IsProd}]
  Either: !Or [!Condition IsBare, !Condition IsDev]
  Open: !Or [!Condition IsBare, !Condition IsProd]
  Circle: !Not [!Condition Round]
  Round: !Not [!Condition Circle]
Resources:
  Table: {Type: 'AWS::DynamoDB::Table'}
`;

function resolved(value: string, given: Record<string, string> = {}): Tree {
  const template = parse(`${TEMPLATE}Value: ${value}\n`);
  const tree = get(template, 'Value');
  if (!tree) throw new Error('no value');
  return new Intrinsics(template, new Map(Object.entries(given))).resolve(tree);
}

describe('Intrinsics', () => {
  it.each<[string, string]>([
    ['!Ref Stage', 'dev'],
    ['!Ref Zeros', '007'],
    ['!Ref Loud', 'aloud'],
    ['!Ref AWS::Partition', 'aws'],
    ['{Ref: Stage}', 'dev'],
    ['!Ref Secret', '{{resolve:parameter:Secret}}'],
    ['!Ref Host', '{{resolve:ssm:/db/host}}'],
    ['!Sub "${Stage}-${AWS::URLSuffix}-${!Stage}"', 'dev-amazonaws.com-${Stage}'],
    ['!Sub ["${a}-${Stage}", {a: !Ref Zeros}]', '007-dev'],
    ['!Join ["-", [a, !Ref Stage, 3]]', 'a-dev-3'],
    ['!Join [",", !Split [";", "a;b"]]', 'a,b'],
    ['!Select [1, [a, !Ref Stage]]', 'dev'],
    ['!FindInMap [Sizes, !Ref Stage, n]', '1'],
    ['!If [IsDev, yes, no]', 'yes'],
    ['!If [IsProd, yes, no]', 'no'],
    ['!If [Both, yes, no]', 'no'],
    ['!If [Either, yes, no]', 'yes'],
    ['!If [IsDev, yes, !Ref Nobody]', 'yes'],
    ['!Base64 hello', 'aGVsbG8='],
    ['!Base64 {"Fn::Sub": "${Stage}"}', 'ZGV2'],
  ])('%s is %s', (value, wanted) => expect(textOf(resolved(value))).toBe(wanted));

  it('given parameters win, pseudo parameters among them', () => {
    expect(textOf(resolved('!Sub "${Stage}-${AWS::Region}-${Bare}"', { Stage: 'prod', 'AWS::Region': 'eu', Bare: 'b' }))).toBe('prod-eu-b');
    expect(textOf(resolved('!Ref Secret', { Secret: 'not to be written down' }))).toBe('{{resolve:parameter:Secret}}');
  });

  it.each<[string, RegExp]>([
    ['!Ref Bare', /the parameter Bare has no default: give --parameter Bare=VALUE/],
    ['!Ref AWS::AccountId', /give it with --parameter AWS::AccountId=VALUE/],
    ['!Ref Table', /Table is made by CloudFormation \(AWS::DynamoDB::Table\)/],
    ['!Ref Nobody', /Nobody is neither a parameter nor a resource/],
    ['!Ref constructor', /constructor is neither/],
    ['!GetAtt Table.Arn', /!GetAtt Table\.Arn is an attribute/],
    ['{"Fn::GetAtt": [Table, Arn]}', /!GetAtt Table\.Arn is an attribute/],
    ['!Sub "${Table.Arn}/x"', /\$\{Table\.Arn\} is an attribute/],
    ['!Sub "${Stage}-${Bare}"', /the parameter Bare/],
    ['!Join ["-", [a, !Ref Table]]', /Table is made by/],
    ['!Select [7, [a]]', /not in its list/],
    ['!Select [0, !GetAZs ""]', /!GetAZs is evaluated by CloudFormation/],
    ['!FindInMap [Sizes, test, n]', /nothing under Sizes \/ test \/ n/],
    ['!If [IsBare, a, b]', /whether the condition IsBare holds/],
    ['!If [Open, a, b]', /whether the condition Open holds/],
    ['!ImportValue x', /output of another stack/],
    ['!Cidr [a, 1, 2]', /!Cidr is evaluated/],
  ])('%s is not known', (value, why) => expect(resolved(value)).toMatchObject({ kind: 'unknown', why: expect.stringMatching(why) }));

  it('AWS::NoValue leaves out what it stands for', () => {
    expect(itemsOf(resolved('[a, !Ref AWS::NoValue, b]')).map(textOf)).toEqual(['a', 'b']);
    expect(resolved('{a: !If [IsDev, !Ref AWS::NoValue, 1]}')).toMatchObject({ kind: 'mapping', entries: new Map() });
  });

  it.each<[string, string, RegExp]>([
    ['a circle of conditions', '!If [Circle, a, b]', /conditions Circle, Round refer to each other in a circle/],
    [
      'texts that double',
      Array.from({ length: 40 }).reduce<string>((inner) => `!Sub ["\${a}\${a}", {a: ${inner}}]`, 'xx'),
      /a text of more than 65536 characters/,
    ],
  ])('%s is refused', (_what, value, says) => {
    expect(() => resolved(value)).toThrow(ImportError);
    expect(() => resolved(value)).toThrow(says);
  });
});
