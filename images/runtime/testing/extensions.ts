import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLines } from './log-lines.ts';

/** What an extension of tests does; see extension.mjs. */
export interface ExtensionScript {
  events?: ('INVOKE' | 'SHUTDOWN' | string)[];
  afterInvoke?: number;
  afterShutdown?: number;
  subscribe?: { path: string; file: string; body: object };
  exit?: { on: 'start' | 'init' | 'ready' | 'INVOKE' | 'SHUTDOWN'; code?: number; report?: 'init' | 'exit' };
}

/** A folder, as /opt/extensions is one, with these. */
export function extensionsDir(extensions: Readonly<Record<string, ExtensionScript>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'lull-extensions-'));
  for (const [name, script] of Object.entries(extensions)) {
    const command = `exec "${process.execPath}" "${join(import.meta.dirname, 'extension.mjs')}" ${name} '${JSON.stringify(script)}'`;
    writeFileSync(join(dir, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  }
  return dir;
}

/** What an extension has printed; ids and times replaced. */
export function printedBy(output: string, name: string): string[] {
  return logLines(output)
    .filter(({ label, text }) => label === `extension/${name}` && !text.startsWith('environment '))
    .map(({ text }) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID').replace(/"deadlineMs":\d+/g, '"deadlineMs":N'));
}

/** Events that an extension has printed, as they came. */
export function eventsOf(output: string, name: string): Record<string, unknown>[] {
  return logLines(output)
    .filter(({ label, text }) => label === `extension/${name}` && text.startsWith('event 200 '))
    .map(({ text }) => JSON.parse(text.slice('event 200 '.length, text.lastIndexOf(' '))) as Record<string, unknown>);
}
