import type { Config } from './config.ts';

/** functionArn(…) → 'arn:aws:lambda:us-east-1:000000000000:function:hello' */
export function functionArn(config: Pick<Config, 'handlerEnv' | 'lambdaName'>): string {
  return `arn:aws:lambda:${config.handlerEnv['AWS_REGION']}:000000000000:function:${config.lambdaName}`;
}
