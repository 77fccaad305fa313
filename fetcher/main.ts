/**
 * What runs in a fetch Job (operator/code/fetch-job.ts): `fetch` gets a function's code out of where its source says and checks it, `pack` makes the bundle of it that every
 * pod of the function is handed, and puts it into the store. Both end with a termination message, which the operator reads.
 */
import { writeFileSync } from 'node:fs';
import { createLogger } from '../common/log.ts';
import { readBasics, readFetchConfig, readPackConfig } from './config.ts';
import { FetchError } from './errors.ts';
import { fetchSource } from './fetch.ts';
import { pack } from './pack.ts';
import { terminationMessage } from './termination.ts';

const { terminationLog, logLevel } = readBasics();
const log = createLogger('fetcher', logLevel);
const onFailure = (err: FetchError): void => log.warn({ code: err.code, reason: err.message }, 'tried again');
const command = process.argv[2];

try {
  if (command === 'fetch') log.info({ files: await fetchSource(readFetchConfig(), onFailure) }, 'fetched');
  else if (command === 'pack') {
    const packed = await pack(readPackConfig(), onFailure);
    writeFileSync(terminationLog, terminationMessage(packed));
    log.info(packed, 'packed');
  } else throw new FetchError('Internal', `there is no command ${command ?? ''}: fetch and pack are`);
} catch (error) {
  const failure = FetchError.of(error);
  log.error({ code: failure.code, err: failure }, 'failed');
  writeFileSync(terminationLog, terminationMessage(failure));
  process.exitCode = failure.exit;
}
