/** What no further try will mend; the Job is given up at once (podFailurePolicy). */
const PERMANENT = 2;
/** What may have passed at the next try. */
const TEMPORARY = 1;

/** Everything that can stop a fetch, with the exit code of the process and what to do about it. The operator shows it in the function's condition CodeReady. */
export const ERRORS = {
  DigestMismatch: {
    exit: PERMANENT,
    message: 'the archive has another SHA-256 than the source says: look at what is there now, and set sha256 to what sha256sum prints',
  },
  SourceNotFound: { exit: PERMANENT, message: 'there is nothing where the source says: check its address, name, tag or ref' },
  SourceRefused: {
    exit: PERMANENT,
    message: 'the source refuses to hand it out: check the credentials in the Secret, and what they may read',
  },
  SourceUnavailable: { exit: TEMPORARY, message: 'the source cannot be reached, or fails: the cluster must be able to reach it' },
  CredentialsMissing: {
    exit: TEMPORARY,
    message: 'the Secret is not in the function’s namespace, or lacks the keys that this kind of source needs: create it',
  },
  SourceUntrusted: {
    exit: TEMPORARY,
    message: 'the source’s server shows a certificate that is not trusted: name the ConfigMap or Secret with its authority’s in caBundle',
  },
  CaBundleMissing: {
    exit: TEMPORARY,
    message: 'what caBundle names is not in the function’s namespace, or its key holds no certificates in PEM: create it',
  },
  BadSource: { exit: PERMANENT, message: 'the source is none that the fetcher knows: its version must be the operator’s' },
  UnsafePath: {
    exit: PERMANENT,
    message:
      'a name would not be one file inside the code: absolute, with "..", a backslash or a NUL, or there twice; make the archive anew',
  },
  UnsafeLink: {
    exit: PERMANENT,
    message:
      'a link that leaves the code, a hard link, a device or a pipe: only files, folders, and symbolic links to what is inside are taken',
  },
  ReservedName: {
    exit: PERMANENT,
    message: 'a layer is unpacked into /opt, where Lull has a folder of its own: rename what the layer calls by the same name',
  },
  TooLarge: { exit: PERMANENT, message: 'the code is larger, unpacked, than a function may be: leave out what it does not need' },
  TooManyFiles: { exit: PERMANENT, message: 'the code has more than 100,000 files and folders: leave out what it does not need' },
  NotAnArchive: {
    exit: PERMANENT,
    message: 'this is no archive that can be read: it must be a whole zip without a password, or a tar.gz, as the format says',
  },
  EmptyBundle: { exit: PERMANENT, message: 'there is not one file in it' },
  PathNotFound: { exit: PERMANENT, message: 'the repository has no such folder at that ref: check git.path' },
  StoreUnavailable: {
    exit: TEMPORARY,
    message: 'Lull’s own store cannot be reached, or fails: look at the Deployment lull-store and its log',
  },
  StoreFull: { exit: TEMPORARY, message: 'the volume of Lull’s own store is full: enlarge it, or delete functions that nobody needs' },
  OutOfDisk: { exit: TEMPORARY, message: 'the node has no disk space left for fetching the code' },
  Internal: { exit: TEMPORARY, message: 'the fetcher failed: its log says why' },
} as const satisfies Record<string, { exit: number; message: string }>;

export type FetchErrorCode = keyof typeof ERRORS;

/** A failure, thrown where it is found and told in main.ts. */
export class FetchError extends Error {
  readonly code: FetchErrorCode;
  /** The sentence without what was found here. */
  readonly detail: string | undefined;

  constructor(code: FetchErrorCode, detail?: string, cause?: unknown) {
    super(detail === undefined ? ERRORS[code].message : `${ERRORS[code].message} (${detail})`, { cause });
    this.code = code;
    this.detail = detail;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }

  /** Any error as one of the catalogue. */
  static of(error: unknown): FetchError {
    if (error instanceof FetchError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return new FetchError('OutOfDisk', undefined, error);
    return new FetchError('Internal', message ?? String(error), error);
  }
}
