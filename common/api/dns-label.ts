/** rules.ts holds names to this: a Deployment's name is the function's and eight more characters. */
export const MAX_NAME = 50;

/** A DNS label of at most 50 characters that begins with a letter: what a function of AWS's is called here. "HelloWorldFunction" → "hello-world-function" */
export function dnsLabel(text: string): string {
  const words = text
    .slice(0, 1000)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const label = words.join('-') || 'function';
  return (/^[a-z]/.test(label) ? label : `fn-${label}`).slice(0, MAX_NAME).replace(/-+$/, '');
}
