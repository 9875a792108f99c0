import { Worker } from 'node:worker_threads';
import { AttuneError } from '@attune/kernel/errors';
import type { LiquidParts } from './liquid-engine.ts';
import type { RenderAnswer, RenderRequest } from './template-worker.ts';

/** So long may one template render, in ms, before its thread is killed. */
export const RENDER_KILL_MS = 200;

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './template-worker.ts' : './template-worker.js', import.meta.url);

/** Renders templates one at a time in a thread of its own, which is killed and made anew where one does not end. */
export class RenderThread {
  readonly #templates: Readonly<Record<string, LiquidParts>>;
  readonly #killMs: number;
  #worker: Promise<Worker> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #next = 0;
  #closed = false;

  /** `killMs`: how long one render may take. */
  constructor(templates: Readonly<Record<string, LiquidParts>>, killMs: number = RENDER_KILL_MS) {
    this.#templates = templates;
    this.#killMs = killMs;
  }

  /** @throws AttuneError TEMPLATE_TOO_SLOW, TEMPLATE_INVALID */
  render(key: string, variables: object): Promise<LiquidParts> {
    const turn = this.#tail.then(() => this.#render({ id: this.#next++, key, variables }));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the thread; a render under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #render(request: RenderRequest): Promise<LiquidParts> {
    if (this.#closed) throw new AttuneError('TEMPLATE_INVALID', 'The templates are closed.');
    this.#worker ??= started(this.#templates);
    const worker = await this.#worker;
    const answer = await answered(worker, request, this.#killMs);
    if (answer?.kind === 'rendered') return answer.parts;
    if (answer === undefined) {
      await this.#end();
      throw new AttuneError('TEMPLATE_TOO_SLOW', `Template ${request.key} was killed.`);
    }
    if (/limit exceeded/i.test(answer.message)) throw new AttuneError('TEMPLATE_TOO_SLOW', `Template ${request.key} met its limit.`);
    throw new AttuneError('TEMPLATE_INVALID', `Template ${request.key} does not render.`);
  }

  async #end(): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined);
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function started(templates: Readonly<Record<string, LiquidParts>>): Promise<Worker> {
  const worker = new Worker(WORKER, { workerData: templates, resourceLimits: { maxOldGenerationSizeMb: 64 } });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker));
    worker.once('error', reject);
  });
}

/** The answer to a request, or undefined where none came in time or the thread ended. */
function answered(worker: Worker, request: RenderRequest, killMs: number): Promise<Exclude<RenderAnswer, { kind: 'ready' }> | undefined> {
  const { promise, resolve } = Promise.withResolvers<Exclude<RenderAnswer, { kind: 'ready' }> | undefined>();
  const heard = (answer: RenderAnswer): void => {
    if (answer.kind !== 'ready' && answer.id === request.id) resolve(answer);
  };
  const gone = (): void => resolve(undefined);
  worker.on('message', heard).once('error', gone).once('exit', gone);
  worker.postMessage(request);
  // This thread may have been busy for long: an answer that has arrived meanwhile is heard before the thread is killed.
  const timer = setTimeout(() => setImmediate(gone), killMs);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', heard).off('error', gone).off('exit', gone);
  });
}
