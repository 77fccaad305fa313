/** What is wrong, the spec (and the name, where that is wrong), and what the API server's refusal must name. */
export type WrongManifest = [what: string, manifest: { name?: string; spec: unknown }, names: RegExp];

const runtime = 'python3.11';
const entry = { cron: '0 8 * * 1-5', size: 2 };
const scheduled = (cron: string) => ({ spec: { runtime, schedule: [{ ...entry, cron }] } });
const CRON = /spec\.schedule\[0\]\.cron: Invalid value.*cron is five fields/s;

export const WRONG_WARM_POOLS: WrongManifest[] = [
  ['no spec', { spec: undefined }, /spec.*[Rr]equired/],
  ['no runtime', { spec: { size: 1 } }, /spec\.runtime.*[Rr]equired/],
  ['an empty runtime', { spec: { runtime: '' } }, /spec\.runtime.*at least 1 char/],
  ['a runtime with capital letters', { spec: { runtime: 'Python3' } }, /spec\.runtime.*should match/],
  ['a runtime that is a number', { spec: { runtime: 3.11 } }, /spec\.runtime.*string/],
  ['a negative size', { spec: { runtime, size: -1 } }, /spec\.size.*greater than or equal to 0/],
  ['a size of 101', { spec: { runtime, size: 101 } }, /spec\.size.*less than or equal to 100/],
  ['a size that is a fraction', { spec: { runtime, size: 2.5 } }, /spec\.size.*integer/],
  ['a size in words', { spec: { runtime, size: 'three' } }, /spec\.size.*numeric/],
  ['a size beside auto', { spec: { runtime, size: 3, auto: {} } }, /spec\.size.*spec\.auto sets the size.*remove spec\.size/],
  ['auto beside a schedule', { spec: { runtime, auto: {}, schedule: [entry] } }, /spec\.auto and spec\.schedule both say the size/],
  ['auto that is a word', { spec: { runtime, auto: true } }, /spec\.auto/],
  ['auto with min above max', { spec: { runtime, auto: { min: 5, max: 2 } } }, /spec\.auto\.min must not be greater/],
  [
    'auto with min above the default max',
    { spec: { runtime, auto: { min: 11 } } },
    /spec\.auto\.min must not be greater.*10 when left out/,
  ],
  ['auto with a negative min', { spec: { runtime, auto: { min: -1 } } }, /spec\.auto\.min.*greater than or equal to 0/],
  ['auto with max 0', { spec: { runtime, auto: { max: 0 } } }, /spec\.auto\.max.*greater than or equal to 1/],
  ['an empty schedule', { spec: { runtime, schedule: [] } }, /spec\.schedule.*at least 1/],
  ['21 entries', { spec: { runtime, schedule: Array(21).fill(entry) } }, /spec\.schedule.*at most 20|spec\.schedule.*20 items/],
  ['an entry without a size', { spec: { runtime, schedule: [{ cron: entry.cron }] } }, /schedule\[0\]\.size.*[Rr]equired/],
  ['an entry without a cron', { spec: { runtime, schedule: [{ size: 1 }] } }, /schedule\[0\]\.cron.*[Rr]equired/],
  [
    'an entry with a negative size',
    { spec: { runtime, schedule: [{ ...entry, size: -1 }] } },
    /schedule\[0\]\.size.*greater than or equal/,
  ],
  ['a cron of six fields', scheduled('0 0 8 * * 1'), /schedule\[0\]\.cron/],
  ['a cron by nickname', scheduled('@weekdays'), /schedule\[0\]\.cron/],
  ['a cron of letters', scheduled('x x x x x'), CRON],
  ['minute 60', scheduled('60 8 * * *'), CRON],
  ['hour 24', scheduled('0 24 * * *'), CRON],
  ['day 0', scheduled('0 8 0 * *'), CRON],
  ['month 13', scheduled('0 8 1 13 *'), CRON],
  ['weekday 8', scheduled('0 8 * * 8'), CRON],
  ['a step without a range', scheduled('5/15 8 * * *'), CRON],
  ['a time zone with a space', { spec: { runtime, schedule: [{ ...entry, timeZone: 'Europe Berlin' }] } }, /schedule\[0\]\.timeZone/],
  ['a quantity that is none', { spec: { runtime, resources: { limits: { memory: 'lots' } } } }, /spec\.resources\.limits\.memory/],
  ['an unknown field', { spec: { runtime, replicas: 3 } }, /spec\.replicas/],
  ['a name of 51 characters', { name: 'a'.repeat(51), spec: { runtime } }, /metadata\.name must have at most 50/],
];

const python = { image: 'registry.example:5000/python:1', command: ['python3', '/opt/lull/launch.py'] };

export const WRONG_RUNTIMES: WrongManifest[] = [
  ['no image', { spec: { command: ['a'] } }, /spec\.image.*[Rr]equired/],
  ['an empty image', { spec: { ...python, image: '' } }, /spec\.image.*at least 1 char/],
  ['no command', { spec: { image: python.image } }, /spec\.command.*[Rr]equired/],
  ['an empty command', { spec: { ...python, command: [] } }, /spec\.command.*at least 1/],
  ['a command without a program', { spec: { ...python, command: ['', 'a'] } }, /spec\.command begins with the program/],
  ['a negative number of warm pods', { spec: { ...python, warm: -1 } }, /spec\.warm.*greater than or equal to 0/],
  ['101 warm pods', { spec: { ...python, warm: 101 } }, /spec\.warm.*less than or equal to 100/],
  ['half a warm pod', { spec: { ...python, warm: 0.5 } }, /spec\.warm.*integer/],
  ['warm that is a word', { spec: { ...python, warm: true } }, /spec\.warm.*numeric/],
  ['warm pods of a long name', { name: 'a'.repeat(51), spec: { ...python, warm: 1 } }, /spec\.warm makes a WarmPool of the same name/],
  ['preload that is a word', { spec: { ...python, preload: 'boto3' } }, /spec\.preload.*list/],
  ['an empty module', { spec: { ...python, preload: [''] } }, /spec\.preload\[0\].*at least 1 char/],
  ['a module that is a statement', { spec: { ...python, preload: ['boto3; import os'] } }, /spec\.preload\[0\].*should match/],
  ['a module by its path', { spec: { ...python, preload: ['/opt/a.py'] } }, /spec\.preload\[0\].*should match/],
  ['a module outside', { spec: { ...python, preload: ['a/../../etc'] } }, /spec\.preload names modules as the language imports them/],
  ['a package that ends in a dot', { spec: { ...python, preload: ['boto3.'] } }, /spec\.preload names modules/],
  ['a module twice', { spec: { ...python, preload: ['boto3', 'json', 'boto3'] } }, /spec\.preload names a module twice/],
  [
    '51 modules',
    { spec: { ...python, preload: Array.from({ length: 51 }, (_, i) => `m${i}`) } },
    /spec\.preload.*at most 50|spec\.preload.*50 items/,
  ],
];

/** Right ones, beside which those are wrong. */
export const RIGHT_WARM_POOLS: object[] = [
  { runtime },
  { runtime, size: 0 },
  { runtime, auto: {} },
  { runtime, auto: { min: 10 } },
  { runtime, size: 1, schedule: [entry, { cron: '*/15 0-23/2 L,15W jan-MAR,12 MON-fri,5#2,6L', timeZone: 'Europe/Berlin', size: 0 }] },
];
export const RIGHT_RUNTIMES: object[] = [
  python,
  { ...python, warm: 0, preload: [] },
  { ...python, warm: 100, preload: ['boto3', 'os.path', '@aws-sdk/client-s3', 'node:fs/promises', '_private'] },
];
