/**
 * What the types cannot say: rules across fields, as CEL that the API server itself evaluates, so that `kubectl apply` refuses a wrong manifest with a
 * sentence naming the field and the remedy, and no webhook has to be alive for it.
 */

import { CODE_RULES } from './code-rules.ts';
import { CRON } from './cron-rule.ts';
import { MAX_NAME } from './dns-label.ts';

/** A CEL rule at a place in the schema; `messageExpression` may quote the value. */
export interface CelRule {
  rule: string;
  message: string;
  fieldPath?: string;
}

/** Rules by the path of the schema that they stand on ("" is the object itself). */
export type CelRules = Readonly<Record<string, readonly CelRule[]>>;

/** Python's and Node's handlers are a function in a file; what those of other Runtimes are, only their clients know. */
const NO_MODULE = "!has(self.handler) || !has(self.runtime) || !self.runtime.matches('^(python|nodejs)')";

/** As AWS takes it: a package's folder may begin with @ (@scope/name), one of a layer is absolute (/opt/nodejs/node_modules/datadog-lambda-js/handler.handler). */
const MODULE_IN_FOLDER = '^([.]?/)?([.]?[@A-Za-z0-9_-][A-Za-z0-9_.@-]*/)*[A-Za-z0-9_-]+([.][A-Za-z0-9_$-]+)+$';

export const FUNCTION_RULES: CelRules = {
  ...CODE_RULES,
  '': [
    {
      rule: `self.metadata.name.size() <= ${MAX_NAME} && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')`,
      message: `metadata.name must be a DNS label of at most ${MAX_NAME} characters that begins with a letter (a-z, 0-9 and '-'): it becomes a host name and a Service`,
    },
  ],
  spec: [
    {
      rule: "self.protocol != 'http' || has(self.code.image)",
      message:
        "spec.protocol 'http' needs spec.code.image, the image of a server; for a handler in spec.code.inline set spec.protocol to 'lambda'",
      fieldPath: '.code',
    },
    {
      rule: "self.protocol != 'lambda' || has(self.code.image) || has(self.runtime)",
      message: "spec.runtime is required for protocol 'lambda': name a Runtime, such as python3.11 (see 'kubectl get runtimes')",
    },
    {
      rule: "self.protocol != 'lambda' || has(self.code.image) || has(self.handler)",
      message: "spec.handler is required for protocol 'lambda': MODULE.FUNCTION, such as lambda_function.lambda_handler",
    },
    {
      rule: "self.protocol != 'http' || !has(self.runtime)",
      message: "spec.runtime does not apply to protocol 'http', whose image is a whole server: remove spec.runtime",
      fieldPath: '.runtime',
    },
    {
      rule: "self.protocol != 'lambda' || !has(self.code.image) || !has(self.runtime)",
      message:
        'spec.runtime does not apply to spec.code.image, which brings what runs it: remove spec.runtime (or set spec.protocol to http for a whole server)',
      fieldPath: '.runtime',
    },
    {
      rule: "!has(self.imageConfig) || self.protocol == 'lambda' && has(self.code.image)",
      message: "spec.imageConfig is for spec.code.image with protocol 'lambda': remove it",
      fieldPath: '.imageConfig',
    },
    {
      rule: '!has(self.layers) || !has(self.code.image)',
      message: 'spec.layers do not apply to spec.code.image: copy them into /opt of the image, as with AWS Lambda; remove spec.layers',
      fieldPath: '.layers',
    },
    {
      rule: '!has(self.handler) || !has(self.imageConfig) || !has(self.imageConfig.command)',
      message: 'spec.handler is short for spec.imageConfig.command of one word: give one of them',
      fieldPath: '.handler',
    },
    {
      rule: "!has(self.handler) || !has(self.code.image) || self.handler.matches('^[^ \\t\\n\\r]+$')",
      message: 'spec.handler is one word, without spaces: give spec.imageConfig.command for several',
      fieldPath: '.handler',
    },
    {
      rule: "self.protocol != 'http' || !has(self.handler)",
      message: "spec.handler does not apply to protocol 'http', whose image is a whole server: remove spec.handler",
      fieldPath: '.handler',
    },
    {
      rule: "self.protocol != 'http' || !has(self.logFormat) || self.logFormat == 'Text'",
      message: "spec.logFormat is for protocol 'lambda': a server of its own writes its logs as it likes; remove spec.logFormat",
      fieldPath: '.logFormat',
    },
    {
      rule: "self.protocol != 'http' || !has(self.httpEvent) || self.httpEvent == 'apigateway-v2'",
      message: "spec.httpEvent is for protocol 'lambda': a server of its own gets the request itself; remove spec.httpEvent",
      fieldPath: '.httpEvent',
    },
    {
      rule: "self.protocol != 'http' || !has(self.cors)",
      message: "spec.cors is for protocol 'lambda': a server of its own answers browsers itself; remove spec.cors",
      fieldPath: '.cors',
    },
    {
      rule: "self.protocol != 'lambda' || !has(self.port)",
      message: "spec.port is for protocol 'http': remove it, a handler has no port",
      fieldPath: '.port',
    },
    {
      rule: "self.protocol != 'lambda' || !has(self.concurrency) || (self.concurrency >= 1 && self.concurrency <= 100)",
      message: 'spec.concurrency of a lambda function is from 1 to 100: each request at once has a process of its own',
      fieldPath: '.concurrency',
    },
    {
      rule: `${NO_MODULE} || !has(self.code.inline) || has(self.layers) || self.handler.matches('^[A-Za-z0-9_-]+([.][A-Za-z0-9_$-]+)+$')`,
      message:
        "spec.handler must be MODULE.FUNCTION, such as lambda_function.lambda_handler: without folders ('/'), spaces or a file's ending",
      fieldPath: '.handler',
    },
    {
      rule: `${NO_MODULE} || (has(self.code.inline) && !has(self.layers)) || has(self.code.image) || self.handler.matches('${MODULE_IN_FOLDER}')`,
      message:
        "spec.handler must be MODULE.FUNCTION or FOLDER/MODULE.FUNCTION, such as app.handler, src/app.handler or, in a layer, /opt/nodejs/app.handler: without '..', spaces or a file's ending",
      fieldPath: '.handler',
    },
    {
      rule: "!has(self.layers) || self.protocol == 'lambda'",
      message: "spec.layers are for protocol 'lambda': a server's image holds all that it needs; remove spec.layers",
      fieldPath: '.layers',
    },
    {
      rule: `${NO_MODULE} || !has(self.code.inline) || has(self.layers) || self.code.inline.exists(f, f.startsWith(self.handler.split('.')[0] + '.'))`,
      message:
        'spec.handler names a module that is not in spec.code.inline: the part before the first dot must be the name of one of its files without the ending',
      fieldPath: '.handler',
    },
    {
      rule: "!has(self.handler) || !has(self.runtime) || self.runtime.matches('^(python|nodejs)') || self.handler.matches('^[^[:space:]]+$')",
      message: "spec.handler must be without spaces: MODULE.FUNCTION, or what else the Runtime's language calls a handler",
      fieldPath: '.handler',
    },
    {
      rule: '!has(self.port) || self.port != 19090',
      message: "spec.port 19090 is taken by Lull's own probes and metrics in the pod: choose another",
      fieldPath: '.port',
    },
    {
      rule: "!has(self.scale.directAccess) || self.scale.directAccess != 'auto' || self.protocol == 'lambda'",
      message:
        "spec.scale.directAccess 'auto' is for protocol 'lambda': nothing in an http function's pod counts requests that do not come by an activator; remove it",
      fieldPath: '.scale.directAccess',
    },
    {
      rule: "!has(self.scale.directAccess) || self.scale.directAccess != 'auto' || !has(self.answers)",
      message: "spec.answers are given by the activators, which spec.scale.directAccess 'auto' leaves out of the path: remove one of them",
      fieldPath: '.scale.directAccess',
    },
  ],
  'spec.whileWaking': [
    {
      rule: 'has(self.placeholder) != has(self.fallback)',
      message: 'spec.whileWaking needs exactly one of placeholder (a page) and fallback (a Service that answers meanwhile)',
    },
  ],
  'spec.scale': [
    {
      rule: 'self.min <= self.max',
      message: 'spec.scale.min must not be greater than spec.scale.max (100 when left out)',
      fieldPath: '.min',
    },
    {
      rule: 'self.initial <= self.max',
      message: 'spec.scale.initial must not be greater than spec.scale.max (100 when left out)',
      fieldPath: '.initial',
    },
    {
      rule: '(has(self.panicWindowSeconds) ? self.panicWindowSeconds : 6) <= (has(self.stableWindowSeconds) ? self.stableWindowSeconds : 60)',
      message: 'spec.scale.panicWindowSeconds (6 when left out) must not be longer than spec.scale.stableWindowSeconds (60 when left out)',
      fieldPath: '.panicWindowSeconds',
    },
    {
      rule: '!has(self.metrics) || !has(self.target)',
      message: 'spec.scale.target is short for one metric of type concurrency: give either it or spec.scale.metrics, with a target in each',
      fieldPath: '.target',
    },
    {
      rule: "!has(self.metrics) || self.metrics.filter(m, m.type == 'concurrency').size() <= 1 && self.metrics.filter(m, m.type == 'rps').size() <= 1",
      message: 'spec.scale.metrics may hold one entry of type concurrency and one of type rps: the highest target alone would never decide',
      fieldPath: '.metrics',
    },
    {
      rule: '!has(self.schedule) || self.schedule.all(s, s.min <= self.max)',
      message: 'spec.scale.schedule: a min must not be greater than spec.scale.max (100 when left out)',
      fieldPath: '.schedule',
    },
    {
      rule: "!has(self.idle) || self.idle != 'auto' || self.min == 0",
      message: "spec.scale.idle 'auto' chooses when to go to zero, which spec.scale.min above 0 forbids: remove one of them",
      fieldPath: '.idle',
    },
  ],
  'spec.scale.metrics[]': [
    {
      rule: "self.type != 'prometheus' || has(self.query)",
      message: 'spec.scale.metrics: type prometheus needs query, PromQL that gives one number for all pods together',
    },
    {
      rule: "self.type == 'prometheus' || !has(self.query)",
      message: 'spec.scale.metrics: query is for type prometheus; concurrency and rps are what Lull counts itself: remove query',
      fieldPath: '.query',
    },
    {
      rule: "self.type == 'concurrency' || has(self.target)",
      message: 'spec.scale.metrics: types rps and prometheus need target, how much of it one pod is meant to carry',
    },
    {
      rule: "!has(self.query) || !self.query.replace('{{namespace}}', '').replace('{{name}}', '').contains('{{')",
      message: 'spec.scale.metrics: a query may use {{namespace}} and {{name}}, written without spaces, and nothing else in double braces',
      fieldPath: '.query',
    },
    {
      rule: "!has(self.query) || self.query.trim() != ''",
      message: 'spec.scale.metrics: query is blank: give PromQL, such as sum(my_queue_length{namespace="{{namespace}}"})',
      fieldPath: '.query',
    },
  ],
  'spec.env[]': [
    {
      rule: "!self.name.startsWith('LULL_')",
      message: "spec.env: names that begin with LULL_ are Lull's own: choose another",
      fieldPath: '.name',
    },
    {
      rule: "!(self.name in ['_HANDLER', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_LAMBDA_LOG_FORMAT', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_EXECUTION_ENV', '_X_AMZN_TRACE_ID'])",
      message: 'spec.env: the name is reserved by AWS Lambda and set by the runtime: choose another',
      fieldPath: '.name',
    },
    {
      rule: '!(has(self.value) && has(self.valueFrom))',
      message: 'spec.env: give a variable either value or valueFrom, not both',
    },
  ],
  'spec.env[].valueFrom': [
    {
      rule: 'has(self.secretKeyRef) != has(self.configMapKeyRef)',
      message: 'spec.env: valueFrom needs exactly one of secretKeyRef and configMapKeyRef',
    },
  ],
};

export const RUNTIME_RULES: CelRules = {
  '': [
    {
      rule: '!has(self.spec.warm) || self.spec.warm == 0 || self.metadata.name.size() <= 50',
      message:
        'spec.warm makes a WarmPool of the same name, which must have at most 50 characters: make WarmPools yourself, or give the Runtime a shorter name',
      fieldPath: '.spec.warm',
    },
  ],
  spec: [
    {
      rule: "self.command[0] != ''",
      message: 'spec.command begins with the program that starts one handler process, such as python3: it is empty',
      fieldPath: '.command',
    },
    {
      rule: '!has(self.preload) || self.preload.all(m, self.preload.exists_one(other, other == m))',
      message: 'spec.preload names a module twice',
      fieldPath: '.preload',
    },
    {
      rule: "!has(self.preload) || !self.preload.exists(m, m.contains('..') || m.endsWith('.') || m.endsWith('/'))",
      message:
        'spec.preload names modules as the language imports them, such as boto3, os.path or @aws-sdk/client-s3: without .. and with a name at the end',
      fieldPath: '.preload',
    },
  ],
};

export const WARM_POOL_RULES: CelRules = {
  '': [
    {
      rule: "self.metadata.name.size() <= 50 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
      message: "metadata.name must have at most 50 characters: it becomes a label and a part of its pods' names",
    },
  ],
  spec: [
    {
      rule: '!has(self.auto) || !has(self.schedule)',
      message: 'spec.auto and spec.schedule both say the size: give one of them',
      fieldPath: '.auto',
    },
    {
      rule: '!has(self.auto) || !has(self.size)',
      message: 'spec.auto sets the size, between its min and max: remove spec.size',
      fieldPath: '.size',
    },
  ],
  'spec.schedule[]': [
    {
      rule: `self.cron.matches('${CRON.replaceAll('\\', '\\\\')}')`,
      message:
        'spec.schedule: cron is five fields, such as 30 8 * * MON-FRI: minute 0-59, hour 0-23, day 1-31, month 1-12 or JAN-DEC, weekday 0-7 or SUN-SAT; a step follows * or a range (*/15)',
      fieldPath: '.cron',
    },
  ],
  'spec.auto': [
    {
      rule: 'self.min <= self.max',
      message: 'spec.auto.min must not be greater than spec.auto.max (10 when left out)',
      fieldPath: '.min',
    },
  ],
};
