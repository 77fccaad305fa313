import * as yauzl from 'yauzl';
import { AwsError } from '../common/lambda-api/aws-error.ts';
import { CODE_SIZE_UNZIPPED } from '../common/lambda-api/read-operations.ts';

/**
 * Whether a file is a zip file that Lambda would take, by what its directory says: the caller hears at once what can be known at once. The Job that unpacks it
 * (fetcher/) believes none of it, and checks by itself. Throws AwsError.
 */
export async function checkZip(path: string, bytes: number): Promise<void> {
  if (bytes === 0) throw invalid('Uploaded file must be a non-empty zip');
  let unzipped: number;
  let entries: number;
  try {
    ({ unzipped, entries } = await sizeOf(path));
  } catch {
    throw invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
  if (entries === 0) throw invalid('Uploaded file must be a non-empty zip');
  if (unzipped > CODE_SIZE_UNZIPPED) throw invalid(`Unzipped size must be smaller than ${CODE_SIZE_UNZIPPED} bytes`);
}

async function sizeOf(path: string): Promise<{ unzipped: number; entries: number }> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true });
  let unzipped = 0;
  let entries = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      unzipped += entry.uncompressedSize;
      entries += 1;
      if (unzipped > CODE_SIZE_UNZIPPED) break;
    }
  } finally {
    zip.close();
  }
  return { unzipped, entries };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}
