import { AwsError } from '../../common/lambda-api/aws-error.ts';

/** AWS's, of the header's value. */
const MAX_BYTES = 3583;

/** Checks X-Amz-Client-Context: JSON in base64. Returns it as the function's runtime is given it: JSON in ASCII. Throws AwsError. */
export function clientContext(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (value.length > MAX_BYTES)
    throw new AwsError('InvalidRequestContentException', `Client context must be at most ${MAX_BYTES} bytes, and has ${value.length}.`);
  const bytes = Buffer.from(value, 'base64');
  try {
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) throw new Error('not base64');
    const context: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof context !== 'object' || context === null) throw new Error('no object');
    // Once more, so that there are no line ends in it, and nothing that a header's value must not have.
    return JSON.stringify(context).replaceAll(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.');
  }
}
