import { describe, expect, it } from 'vitest';
import { type ContainerVariable, claimEnvironment, referredNames } from './environment.ts';

const secret: ContainerVariable = { name: 'WORD', valueFrom: { secretKeyRef: {} } };
const optional: ContainerVariable = { name: 'MAYBE', valueFrom: { configMapKeyRef: { optional: true } } };
const plain: ContainerVariable[] = [{ name: 'A', value: '1' }, { name: 'EMPTY' }, { name: 'LULL_POD', valueFrom: { fieldRef: {} } }];

describe('claimEnvironment', () => {
  it.each<[string, ContainerVariable[], Record<string, string> | undefined, Record<string, string> | undefined]>([
    ['values, and nothing of what the pod itself has', plain, undefined, { A: '1', EMPTY: '' }],
    [
      'values as the kubelet gives them: of two dollars it leaves one',
      [{ name: 'A', value: 'pa$$word$$$' }],
      undefined,
      { A: 'pa$word$$' },
    ],
    ['what was told as it is', [secret], { WORD: 'w$$' }, { WORD: 'w$$' }],
    ['nothing while a Secret is not known', [...plain, secret], undefined, undefined],
    ['nothing while it is known that others are', [secret], { OTHER: 'x' }, undefined],
    ['what was told', [secret, optional], { WORD: 'w', MAYBE: 'm' }, { WORD: 'w', MAYBE: 'm' }],
    ['without what is optional and is not there', [secret, optional], { WORD: 'w' }, { WORD: 'w' }],
    ['nothing before anybody was asked, optional or not', [optional], undefined, undefined],
  ])('%s', (_, variables, told, expected) => {
    expect(claimEnvironment(variables, told)).toEqual(expected);
  });
  it('asks for what comes from Secrets and ConfigMaps', () => {
    expect(referredNames([...plain, secret, optional])).toEqual(['WORD', 'MAYBE']);
  });
});
