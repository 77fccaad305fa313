import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority of a test's own, made by openssl, and the certificate of a server at an address that it has signed. */
export interface Authority {
  /** Its certificate, and the file that holds it. */
  ca: string;
  caFile: string;
  tls: { key: string; cert: string };
}

export function makeAuthority(folder: string, host = '127.0.0.1'): Authority {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=test authority', '-keyout', at('ca.key'), '-out', at('ca.crt'));
  openssl('req', ...newKey, '-subj', `/CN=${host}`, '-keyout', at('server.key'), '-out', at('server.csr'));
  writeFileSync(at('extensions'), `subjectAltName=IP:${host}\nextendedKeyUsage=serverAuth\n`);
  const signing = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('extensions')];
  openssl('x509', '-req', '-in', at('server.csr'), ...signing, '-out', at('server.crt'));
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  return { ca: read('ca.crt'), caFile: at('ca.crt'), tls: { key: read('server.key'), cert: read('server.crt') } };
}
