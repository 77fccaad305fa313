import { parse } from 'yaml';
import * as z from 'zod';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const namespace = z.string().refine((name) => name === '*' || NAME.test(name), { message: "not a namespace's name, nor *" });
const pattern = z.string().regex(/^[A-Za-z0-9:*?-]{1,128}$/);

const schema = z.strictObject({
  /** Half of AWS's own length at least: a key that is guessed in an afternoon is none. */
  secretAccessKey: z.string().min(20).max(256),
  namespaces: z.array(namespace).min(1),
  functions: z.array(pattern).min(1).default(['*']),
  actions: z.array(pattern).min(1).default(['lambda:InvokeFunction']),
});

/** A secret of digits is text, too; and an error does not quote the line that it is about. */
const AS_TEXT = { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' } as const;

/** A key that an administrator has issued: who holds it may do these things with these functions. */
export class AccessKey {
  readonly id: string;
  readonly secret: string;
  /** Where a function is whose name comes without a namespace: the first of the key's. */
  readonly defaultNamespace: string;
  readonly #namespaces: readonly string[];
  readonly #functions: readonly RegExp[];
  readonly #actions: readonly RegExp[];

  /** @param text YAML or JSON; throws with what is wrong in it, never with what it says */
  constructor(id: string, text: string) {
    const parsed = schema.safeParse(parse(text, AS_TEXT));
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const { secretAccessKey, namespaces, functions, actions } = parsed.data;
    this.id = id;
    this.secret = secretAccessKey;
    const [first = '*'] = namespaces;
    this.defaultNamespace = first === '*' ? 'default' : first;
    this.#namespaces = namespaces;
    this.#functions = functions.map(glob);
    this.#actions = actions.map(glob);
  }

  allowsAction(action: string): boolean {
    return this.#actions.some((one) => one.test(action));
  }

  allowsFunction(inNamespace: string, name: string): boolean {
    return (this.#namespaces.includes('*') || this.#namespaces.includes(inNamespace)) && this.#functions.some((one) => one.test(name));
  }
}

/** * for any characters, ? for one; upper and lower case are the same, as in IAM's actions. */
function glob(text: string): RegExp {
  const source = text.replaceAll(/[^A-Za-z0-9]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`));
  return new RegExp(`^${source}$`, 'i');
}
