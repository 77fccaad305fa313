import type { Note, NoteLevel } from './notes.ts';

const TITLES: readonly (readonly [NoteLevel, string])[] = [
  ['lost', 'Not carried over'],
  ['changed', 'Carried over, but different here'],
  ['hint', 'Good to know'],
];

/**
 * Notes for people, those that need a hand first. Example of a line: `  template.yaml:14  OrdersFunction  Layers: copy the layers' files beside the handler`.
 * `bold` sets off titles where the output is a terminal.
 */
export function notesText(file: string, notes: readonly Note[], bold: (text: string) => string): string {
  const blocks = TITLES.flatMap(([level, title]) => {
    const lines = notes.filter((note) => note.level === level).map((note) => `  ${line(file, note)}\n`);
    return lines.length > 0 ? [`${bold(`${title} (${lines.length})`)}\n${lines.join('')}`] : [];
  });
  return blocks.join('\n');
}

function line(file: string, note: Note): string {
  const place = note.line === undefined ? file : `${file}:${note.line}`;
  const fn = note.function === undefined ? '' : `${note.function}  `;
  return printable(`${place}  ${fn}${note.what}: ${note.text}`);
}

/** Names in a template may hold control characters; a terminal is not to obey them. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
