/** What lies beside a template, as the pure core sees it; paths are relative to the template's folder. */
export interface Folder {
  list(path: string): Listing;
  /** A file's text; undefined for one that is no text, or is larger than all of spec.code.inline may be. */
  read(path: string): string | undefined;
}

export type Listing =
  | { kind: 'folder'; files: string[]; folders: string[] }
  | { kind: 'file' }
  | { kind: 'missing' }
  /** Not below the template's folder: a template from elsewhere is not to fetch this machine's files into a manifest. */
  | { kind: 'outside' };
