import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoDir } from '../cluster/paths.ts';
import { nodeClient, pythonClient } from '../support/lambda-clients.ts';
import { goHandlers, javaHandlers, javaLauncher, rustHandlers } from './build.ts';

export type Language = 'Python' | 'Node' | 'Go' | 'Rust' | 'Java';

/** How a handler of examples/lambda is started on this machine: as Runtime.spec.command, spec.handler and the code's folder have it in a pod. */
export interface Start {
  command: readonly string[];
  handler: string;
  root: string;
  /** AWS_EXECUTION_ENV of the image. */
  executionEnv: string;
}

const examples = join(repoDir, 'examples/lambda');

/** `name`: of the handler's file, folder or class. */
export const LANGUAGES: Readonly<Record<Language, (name: string) => Promise<Start>>> = {
  Python: async (name) => ({
    command: await pythonClient(),
    handler: `${name}.lambda_handler`,
    root: join(examples, 'python'),
    executionEnv: 'AWS_Lambda_python3.11',
  }),
  Node: async (name) => ({
    command: await nodeClient(),
    handler: `${name}.handler`,
    root: join(examples, 'nodejs'),
    executionEnv: 'AWS_Lambda_nodejs24.x',
  }),
  Go: async (name) => provided(join(await goHandlers(), name)),
  Rust: async (name) => provided(join(await rustHandlers(), name)),
  Java: async (name) => ({
    command: ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', await javaLauncher()],
    handler: `example.${name}`,
    root: await javaHandlers(),
    executionEnv: 'AWS_Lambda_java17',
  }),
};

function provided(root: string): Start {
  return { command: ['bootstrap'], handler: 'bootstrap', root, executionEnv: 'AWS_Lambda_provided' };
}

/** AWS's client for a language, with the version that is used here. */
export function clientOf(language: Language): string {
  const [file, pattern, name] = CLIENTS[language];
  const version = pattern.exec(readFileSync(join(repoDir, file), 'utf8'))?.[1];
  return `${name} ${version}`;
}

const CLIENTS: Readonly<Record<Language, readonly [string, RegExp, string]>> = {
  Python: ['images/python/requirements.txt', /^awslambdaric==(\S+)$/m, 'awslambdaric'],
  Node: ['images/nodejs/package.json', /"aws-lambda-ric": "([^"]+)"/, 'aws-lambda-ric'],
  Go: ['examples/lambda/go/go.mod', /aws-lambda-go v(\S+)/, 'aws-lambda-go'],
  Rust: ['examples/lambda/rust/Cargo.toml', /lambda_runtime = "=([^"]+)"/, 'lambda_runtime'],
  Java: ['images/java17/pom.xml', /interface-client<\/artifactId>\s*<version>([^<]+)/, 'aws-lambda-java-runtime-interface-client'],
};
