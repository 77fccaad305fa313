import type { CelRule, CelRules } from './rules.ts';

function caRule(at: string): CelRule {
  return {
    rule: '!has(self.caBundle) || has(self.caBundle.configMap) != has(self.caBundle.secret)',
    message: `${at}.caBundle needs exactly one of configMap and secret, such as configMap: {name: my-ca}`,
    fieldPath: '.caBundle',
  };
}

/** Rules of one source, where it stands in spec.code or in a layer; `at` is how the sentence names the place. */
function sourceRules(path: string, at: string): CelRules {
  return {
    [`${path}.archive`]: archiveRules(`${at}.archive`),
    [`${path}.git`]: [
      {
        rule: "!self.url.matches('^https?://[^/]*@')",
        message: `${at}.git.url must not hold a user or password: put them into a Secret (kubernetes.io/basic-auth) and name it in ${at}.git.credentialsSecret`,
        fieldPath: '.url',
      },
      {
        rule: "!has(self.ref) || !self.ref.contains('..')",
        message: `${at}.git.ref must be a branch, a tag or a full commit (40 hex digits), not a range`,
        fieldPath: '.ref',
      },
      {
        rule: "!has(self.path) || self.path.split('/').all(part, part != '..' && part != '.' && part != '')",
        message: `${at}.git.path must be a folder inside the repository, such as services/greet: relative, without '.' and '..'`,
        fieldPath: '.path',
      },
      {
        rule: "!has(self.caBundle) || self.url.startsWith('https:')",
        message: `${at}.git.caBundle is for a url that begins with https://: remove it`,
        fieldPath: '.caBundle',
      },
      caRule(`${at}.git`),
    ],
    [`${path}.oci`]: [caRule(`${at}.oci`)],
  };
}

function archiveRules(at: string): CelRule[] {
  return [
    {
      rule: "has(self.sha256) || !self.url.startsWith('http')",
      message: `${at}.sha256 is required for http and https: sha256sum FILE prints it`,
      fieldPath: '.sha256',
    },
    {
      rule: "has(self.format) || self.url.matches('^[^?#]*[.](zip|tgz|tar[.]gz)([?#].*)?$')",
      message: `${at}.format is needed, zip or tgz: the URL's path does not end with .zip, .tgz or .tar.gz`,
      fieldPath: '.format',
    },
    {
      rule: "!has(self.s3) || self.url.startsWith('s3://')",
      message: `${at}.s3 is for a url that begins with s3://: remove one of them`,
      fieldPath: '.s3',
    },
    {
      rule: "!has(self.credentialsSecret) || !self.url.startsWith('store:')",
      message: `${at}.credentialsSecret does not apply to store:///, which is Lull's own store: remove it`,
      fieldPath: '.credentialsSecret',
    },
    {
      rule: "!has(self.caBundle) || self.url.startsWith('https:') || self.url.startsWith('s3:')",
      message: `${at}.caBundle is for a url that begins with https:// or s3://: remove it`,
      fieldPath: '.caBundle',
    },
    caRule(at),
  ];
}

/** What the types of code.ts cannot say. */
export const CODE_RULES: CelRules = {
  'spec.code': [
    {
      rule: '[has(self.inline), has(self.configMap), has(self.archive), has(self.git), has(self.oci), has(self.image)].filter(given, given).size() == 1',
      message:
        'spec.code needs exactly one of inline (files of a handler), configMap, archive (a zip or tar.gz by URL), git, oci (an artifact) and image (a container image)',
    },
    {
      rule: '!has(self.pullSecret) || has(self.image)',
      message: 'spec.code.pullSecret is for spec.code.image: remove it (of an artifact it is spec.code.oci.pullSecret)',
      fieldPath: '.pullSecret',
    },
    {
      rule: '!has(self.caBundle) || has(self.image)',
      message:
        'spec.code.caBundle is for spec.code.image: remove it (the other sources have one of their own, such as spec.code.git.caBundle)',
      fieldPath: '.caBundle',
    },
    caRule('spec.code'),
  ],
  'spec.code.inline': [
    {
      rule: "self.all(f, f.size() <= 128 && f.matches('^[A-Za-z0-9_][A-Za-z0-9._-]*$'))",
      message: "spec.code.inline: file names may have letters, digits, '.', '_' and '-', no folders, and at most 128 characters",
    },
    {
      rule: 'self.map(f, self[f].size()).sum() <= 524288',
      message: 'spec.code.inline holds more than 512 KiB (524288 characters): leave out what the handler does not need',
    },
  ],
  ...sourceRules('spec.code', 'spec.code'),
  'spec.layers[]': [
    {
      rule: '[has(self.configMap), has(self.archive), has(self.git), has(self.oci)].filter(given, given).size() == 1',
      message: 'spec.layers: a layer needs exactly one of configMap, archive (a zip or tar.gz by URL), git and oci (an artifact)',
    },
  ],
  ...sourceRules('spec.layers[]', 'spec.layers[]'),
};
