/** The lines of a bridge's log in text, without the time and the function's name in front, in order. */
export function logLines(output: string): { label: string; text: string }[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, label, text] = /^\S+ \S+ (\S+) (.*)$/.exec(line) ?? [];
      return { label: label ?? '', text: text ?? line };
    });
}

/** What was logged of one request, its id replaced by ID, figures and times by N and TIME. */
export function requestLines(output: string, id: string): string[] {
  return logLines(output)
    .filter(({ label }) => label === id)
    .map(({ text }) =>
      text
        .replaceAll(id, 'ID')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
        .replace(/(Duration|Memory Used): [\d.]+/g, '$1: N'),
    );
}
