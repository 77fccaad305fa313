import { describe, expect, it } from 'vitest';
import { unmetImports } from './imports.ts';

describe('unmetImports', () => {
  it.each<[string, Record<string, string>, string, string[]]>([
    ['packages', { 'a.js': "const axios = require('axios');\nimport b from '@scope/b/c';" }, 'a.js', ['@scope/b/c', 'axios']],
    [
      'modules of Node',
      { 'a.mjs': "import fs from 'fs';\nimport { x } from 'node:test';\nconst p = await import('fs/promises');" },
      'a.mjs',
      [],
    ],
    ['files beside', { 'a.js': "require('./b'); require('./c.json')", 'b.js': "require('./d/e')", 'c.json': '' }, 'a.js', ['./d/e']],
    ['files above', { 'a.js': "import x from '../x.js'" }, 'a.js', ['../x.js']],
    ['what is not reached', { 'a.js': '', 'b.js': "require('axios')" }, 'a.js', []],
    ['comments', { 'a.js': "// import x from 'x'\n * require('y')" }, 'a.js', []],
    ['a circle', { 'a.js': "require('./b')", 'b.js': "require('./a')" }, 'a.js', []],
    ['Python: neighbours', { 'a.py': 'from lib.x import y\nimport os, lib.z as z\nimport json' }, 'a.py', ['lib.x', 'lib.z']],
    ['Python: files beside', { 'a.py': 'import b\n    from c import d', 'b.py': 'from . import x', 'c.py': '' }, 'a.py', ['.']],
    ['Python: relative', { 'a.py': 'from .b import c\nfrom ..d import e', 'b.py': '' }, 'a.py', ['..d', '.b']],
  ])('%s', (_what, files, entry, wanted) => {
    expect(unmetImports(new Map(Object.entries(files)), entry, new Set(['lib']))).toEqual(wanted);
  });
});
