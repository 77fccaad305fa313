import { dnsLabel, MAX_NAME } from '../../common/api/dns-label.ts';

/**
 * A name that Kubernetes takes, for each one that a template gives; never the same twice.
 * "HelloWorldFunction" → "hello-world-function"; "get_order" → "get-order"; a second "getOrder" → "get-order-2"; "2nd" → "fn-2nd".
 */
export class Names {
  readonly #taken = new Set<string>();
  /** The number that the next one of a name gets: counting from 2 each time took 20 s for 9,000 of one name. */
  readonly #next = new Map<string, number>();

  take(id: string): string {
    const wanted = dnsLabel(id);
    let name = wanted;
    let n = this.#next.get(wanted) ?? 2;
    for (; this.#taken.has(name); n++) name = `${wanted.slice(0, MAX_NAME - 1 - String(n).length).replace(/-+$/, '')}-${n}`;
    this.#next.set(wanted, n);
    this.#taken.add(name);
    return name;
  }
}
