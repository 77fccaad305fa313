import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { FetchError } from '../errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The authorities that are trusted for a source which names a bundle of its own: those of it, and the usual ones. */
export async function trusted(caFile: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(caFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new FetchError('CaBundleMissing', undefined, error);
    throw error;
  }
  const own = text.match(CERTIFICATE) ?? [];
  if (own.length === 0) throw new FetchError('CaBundleMissing', 'there is no BEGIN CERTIFICATE in it');
  for (const certificate of own) check(certificate);
  return [...getCACertificates('default'), ...own];
}

/** The same in a file, for tools which take one in place of what they have. */
export async function trustedFile(caFile: string, file: string): Promise<void> {
  await writeFile(file, `${(await trusted(caFile)).join('\n')}\n`);
}

function check(certificate: string): void {
  try {
    new X509Certificate(certificate);
  } catch (error) {
    throw new FetchError('CaBundleMissing', (error as Error).message, error);
  }
}

/** Codes of Node's TLS, and what OpenSSL, GnuTLS and Go say, for a certificate that is not trusted. */
const UNTRUSTED =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT)|certificate (problem|verification failed)|x509:|failed to verify certificate/i;

export const isUntrusted = (said: string | undefined): boolean => UNTRUSTED.test(said ?? '');
