import { CLIENT_CONTEXT_FIELD, INVOKE_FIELD } from '../../common/api/names.ts';
import { Bridge } from '../../images/runtime/testing/bridge.ts';
import type { Answer, CallOptions } from '../support/http.ts';
import { LANGUAGES, type Language } from './languages.ts';

/** What a caller of Invoke gets. */
export interface Invoked {
  /** The payload, read as JSON; the text where it is none. */
  result: unknown;
  /** X-Amz-Function-Error. */
  error: string | undefined;
  requestId: string;
  answer: Answer;
}

/** One handler of examples/lambda under the bridge, which is a process of this machine. */
export class Running {
  readonly bridge: Bridge;
  readonly root: string;
  readonly handler: string;

  static async start(language: Language, name: string, env: Record<string, string> = {}): Promise<Running> {
    const { command, handler, root, executionEnv } = await LANGUAGES[language](name);
    const bridge = await Bridge.start({
      control: '127.0.0.1:1',
      http: '127.0.0.1:1',
      env: {
        LULL_COMMAND: JSON.stringify(command),
        LULL_HANDLER: handler,
        LULL_TASK_ROOT: root,
        LULL_TIMEOUT_SECONDS: '5',
        LULL_MEMORY_MB: '256',
        AWS_EXECUTION_ENV: executionEnv,
        GREETING: 'servus',
        ...env,
      },
    });
    return new Running(bridge, root, handler);
  }

  private constructor(bridge: Bridge, root: string, handler: string) {
    this.bridge = bridge;
    this.root = root;
    this.handler = handler;
  }

  /** As the activator hands on a call of Lambda's Invoke. */
  async invoke(event: unknown, headers: Record<string, string> = {}): Promise<Invoked> {
    const body = typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event);
    const answer = await this.bridge.callByActivator({
      method: 'POST',
      headers: { [INVOKE_FIELD]: 'RequestResponse', ...headers },
      body,
    });
    const error = answer.headers['x-amz-function-error'];
    return {
      result: parsed(answer.body),
      error: typeof error === 'string' ? error : undefined,
      requestId: String(answer.headers['x-amzn-requestid']),
      answer,
    };
  }

  invokeWithContext(event: unknown, context: unknown): Promise<Invoked> {
    return this.invoke(event, { [CLIENT_CONTEXT_FIELD]: JSON.stringify(context) });
  }

  /** As an HTTP request. */
  http(options: CallOptions): Promise<Answer> {
    return this.bridge.callByActivator(options);
  }

  stop(): void {
    this.bridge.kill();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
