/** Where a function's code comes from (spec.code, spec.layers) and what became of it (status.code). */

/** Where the code is: exactly one of the fields. */
export interface Code {
  /**
   * Files by name, 512 KiB together at most. With a requirements.txt or a package.json among them, what it names is installed once, by a Job, where the Runtime says
   * how (spec.build).
   * @minProperties 1
   * @maxProperties 50
   */
  inline?: Record<string, SourceFile>;
  configMap?: ConfigMapSource;
  archive?: ArchiveSource;
  git?: GitSource;
  oci?: OciSource;
  /**
   * A container image: a whole HTTP server with spec.protocol: http; one made for AWS Lambda, which asks the Runtime API for its events, with spec.protocol: lambda.
   * @minLength 1
   * @maxLength 512
   */
  image?: string;
  pullSecret?: SecretName;
  /** Of spec.code.image's registry, when it is asked what the image starts; the nodes, which pull the image, have their own. */
  caBundle?: CaBundle;
}

/** What is unpacked into /opt beneath the code, as an AWS Lambda layer: exactly one of the fields. */
export interface Layer {
  configMap?: ConfigMapSource;
  archive?: ArchiveSource;
  git?: GitSource;
  oci?: OciSource;
}

/**
 * The content of one file.
 * @maxLength 524288
 */
export type SourceFile = string;

/** A ConfigMap in the function's namespace, every key of it a file. A change of it is a new revision. */
export interface ConfigMapSource {
  /**
   * @minLength 1
   * @maxLength 253
   */
  name: string;
}

/** A zip or tar.gz archive, fetched once by a Job in the function's namespace and kept in the cluster. */
export interface ArchiveSource {
  /**
   * https://, http://, s3://BUCKET/KEY, or store:///DIGEST for one that was put into Lull's own store.
   * @minLength 1
   * @maxLength 2048
   * @pattern ^(https?://[^/?#@]+/|s3://[a-z0-9][a-z0-9.-]+/|store:///[0-9a-f]{64}$).*$
   */
  url: string;
  /**
   * SHA-256 of the archive, 64 hex digits, as sha256sum prints it. Required for http and https: only what you have looked at is run.
   * @pattern ^[0-9a-f]{64}$
   */
  sha256?: string;
  /** What kind of archive it is; seen from the end of the URL's path (.zip, .tgz, .tar.gz) when left out. */
  format?: ArchiveFormat;
  credentialsSecret?: SecretName;
  caBundle?: CaBundle;
  s3?: S3Options;
}

/** Kinds of archive. */
export type ArchiveFormat = 'zip' | 'tgz';

/** How to reach an S3-compatible store other than AWS's own. */
export interface S3Options {
  /**
   * Base URL, such as http://minio.storage:9000; AWS's own when left out.
   * @maxLength 512
   * @pattern ^https?://[^/?#@]+/?$
   */
  endpoint?: string;
  /**
   * us-east-1 when left out.
   * @maxLength 64
   * @pattern ^[a-z0-9-]+$
   */
  region?: string;
  /** True for a store that has buckets in the path (MinIO and most others), not in the host name. */
  forcePathStyle?: boolean;
}

/** A Git repository, fetched once by a Job in the function's namespace. */
export interface GitSource {
  /**
   * https://, http:// or ssh:// URL, or git@HOST:PATH.
   * @minLength 1
   * @maxLength 2048
   * @pattern ^((https?|ssh)://[^?#\s]+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s]+)$
   */
  url: string;
  /**
   * A branch, a tag or a full commit; the repository's default branch when left out. A branch is read when the function is applied or its annotation lull.dev/refresh
   * changes, not by itself.
   * @minLength 1
   * @maxLength 255
   * @pattern ^[A-Za-z0-9_][A-Za-z0-9._/-]*$
   */
  ref?: string;
  /**
   * A folder of the repository that is the code, such as services/greet; all of it when left out.
   * @minLength 1
   * @maxLength 512
   * @pattern ^[A-Za-z0-9._][^\\\s]*$
   */
  path?: string;
  credentialsSecret?: SecretName;
  caBundle?: CaBundle;
}

/** An OCI artifact or image whose layers are archives; they are unpacked one over the other. */
export interface OciSource {
  /**
   * REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:DIGEST.
   * @minLength 1
   * @maxLength 512
   * @pattern ^[A-Za-z0-9][^\s]*$
   */
  image: string;
  pullSecret?: SecretName;
  caBundle?: CaBundle;
}

/** A Secret in the function's namespace. The Job's pod reads it, no component of Lull does. */
export interface SecretName {
  /**
   * @minLength 1
   * @maxLength 253
   */
  name: string;
}

/**
 * Certificates (PEM) of authorities that are trusted for this source besides the usual ones: a key of a ConfigMap or of a Secret in the function's namespace, exactly one
 * of both.
 */
export interface CaBundle {
  configMap?: CaConfigMap;
  secret?: SecretName;
  /**
   * ca.crt when left out.
   * @minLength 1
   * @maxLength 253
   * @pattern ^[A-Za-z0-9._-]+$
   */
  key?: string;
}

/** A ConfigMap in the function's namespace. */
export interface CaConfigMap {
  /**
   * @minLength 1
   * @maxLength 253
   */
  name: string;
}

/** What was fetched for `code`, or for one layer. */
export interface CodeStatus {
  /** `code`, `layer-0`, `layer-1`, …, or `image`. */
  name: string;
  /** Of what it was made: a digest of the source, of how it is built, and of the annotation lull.dev/refresh. */
  source: string;
  /** The bundle in Lull's store, SHA-256; of an image its digest. */
  digest: string;
  /**
   * Bytes of the bundle.
   * @asType integer
   */
  bytes: number;
  /**
   * Bytes of its files.
   * @asType integer
   */
  unpackedBytes: number;
  /** The Git commit that was fetched. */
  commit?: string;
  image?: ImageFacts;
}

/** What a registry says of a container image; `digest` above is then the image's own. */
export interface ImageFacts {
  /** The image by its digest, as pods run it. */
  reference: string;
  entryPoint?: string[];
  command?: string[];
  /** The PATH that it sets. */
  path?: string;
}

/** One source: an object with exactly one field. */
export type Source =
  | { configMap: ConfigMapSource }
  | { archive: ArchiveSource }
  | { git: GitSource }
  | { oci: OciSource }
  | { image: OciSource };

/** The reason of CodeReady when the store has lost what serves, and where it came from does not give it again: nothing can be woken with it. */
export const CODE_LOST = 'CodeLost';
