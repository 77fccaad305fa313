/** What Lambda's API knows of a function and Function has no field for. */
export const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
/** "SHA256 BYTES" of the zip file that was uploaded. */
export const CODE_SIZE_ANNOTATION = 'lull.dev/code-size';
/** AWS's tags, JSON: labels take neither their keys nor their values. */
export const TAGS_ANNOTATION = 'lull.dev/tags';
/** The concurrency was set by PutFunctionConcurrency; how much it is stands in spec. */
export const RESERVED_ANNOTATION = 'lull.dev/reserved-concurrency';
