import { describe, expect, it } from 'vitest';
import { environment } from './environment.ts';
import { Notes } from './notes.ts';
import { scalar, type Tree, unknown } from './tree.ts';

function made(name: string, value: Tree) {
  const notes = new Notes();
  return { env: environment([{ name, value }], 'shop', notes.of('Shop')), notes: notes.list().map(({ text }) => text) };
}

describe('environment', () => {
  it.each<[string, Tree, string]>([
    ['a text', scalar('x', 1), 'x'],
    ['a number as it is written', { kind: 'scalar', value: 10, text: '010', line: 1 }, '010'],
    ['a truth', scalar(true, 1), 'true'],
    ['nothing', scalar(null, 1), ''],
    ['a lone dollar', scalar('$5 and $HOME', 1), '$5 and $HOME'],
    ['what the kubelet would expand', scalar('$(A) $5', 1), '$$(A) $$5'],
    ['what the kubelet would halve', scalar('$$', 1), '$$$$'],
  ])('%s', (_what, value, wanted) => expect(made('A', value)).toEqual({ env: [{ name: 'A', value: wanted }], notes: [] }));

  it.each<[string, string, string]>([
    ['{{resolve:ssm:/shop/key:1}}', 'shop-key', 'value'],
    ['{{resolve:ssm-secure:/shop/key}}', 'shop-key', 'value'],
    ['{{resolve:secretsmanager:shop/db}}', 'shop-db', 'value'],
    ['{{resolve:secretsmanager:shop/db:SecretString:pass}}', 'shop-db', 'pass'],
    ['{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:shop/db-AbCdEf:SecretString:pass::}}', 'shop-db', 'pass'],
    ['{{resolve:parameter:ApiKey}}', 'api-key', 'value'],
    ['postgres://{{resolve:ssm:/shop/key}}@db', 'shop-a', 'value'],
  ])('%s is key %s', (text, secret, key) => {
    const { env, notes } = made('A', scalar(text, 1));
    expect(env).toEqual([{ name: 'A', valueFrom: { secretKeyRef: { name: secret, key } } }]);
    expect(notes).toEqual([expect.stringContaining(`kubectl create secret generic ${secret} --from-literal=${key}=VALUE`)]);
  });

  it.each<[string, string, Tree, RegExp]>([
    ['a reserved name', '_HANDLER', scalar('x', 1), /reserved/],
    ["a name of Lull's", 'LULL_X', scalar('x', 1), /reserved/],
    ['a name that is none', 'A-B', scalar('x', 1), /none that a container takes/],
    ['what is not known', 'A', unknown('the table is not here', 1), /left out: the table is not here; /],
    ['a list', 'A', { kind: 'list', items: [], line: 1 }, /it is no text/],
    ['too long a text', 'A', scalar('x'.repeat(32_769), 1), /longer than 32768/],
  ])('%s is left out', (_what, name, value, says) => {
    const { env, notes } = made(name, value);
    expect(env).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(says)]);
  });

  it('takes a hundred variables', () => {
    const notes = new Notes();
    const variables = Array.from({ length: 102 }, (_, n) => ({ name: `A${n}`, value: scalar('x', n) }));
    expect(environment(variables, 'shop', notes.of('Shop'))).toHaveLength(100);
    expect(notes.list().map(({ what }) => what)).toEqual(['env A100', 'env A101']);
  });
});
