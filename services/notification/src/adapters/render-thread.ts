import { Worker } from 'node:worker_threads';
import { AttuneError } from '@attune/kernel/errors';
import type { LiquidParts } from './liquid-engine.ts';
import type { RenderAnswer, RenderRequest } from './template-worker.ts';

/** So long may one template render, in ms, before its thread is killed. */
export const RENDER_KILL_MS = 200;
const RENDER_LIMIT_MS = 150;
/** How much longer the second try may take. */
const SECOND_CHANCE = 5;

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './template-worker.ts' : './template-worker.js', import.meta.url);

/** How long one try to render may take, in ms. */
export interface RenderPatience {
  readonly limitMs: number;
  readonly killMs: number;
}

/** Renders templates one at a time in a thread of its own, which is killed and made anew where one does not end. */
export class RenderThread {
  readonly #templates: Readonly<Record<string, LiquidParts>>;
  readonly #patience: RenderPatience;
  #worker: Promise<Worker> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #next = 0;
  #closed = false;

  /** `limitMs`: after which a part gives up by itself; `killMs`: after which its thread is killed. */
  constructor(templates: Readonly<Record<string, LiquidParts>>, { limitMs, killMs }: RenderPatience = { limitMs: RENDER_LIMIT_MS, killMs: RENDER_KILL_MS }) {
    this.#templates = templates;
    this.#patience = { limitMs, killMs };
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

  /** On a machine that is out of breath every template is slow: one that took too long gets a second chance with more time. */
  async #render(request: Omit<RenderRequest, 'limitMs'>): Promise<LiquidParts> {
    const { limitMs, killMs } = this.#patience;
    const first = await this.#try({ ...request, limitMs }, killMs);
    const last = first.kind === 'slow' ? await this.#try({ ...request, limitMs: limitMs * SECOND_CHANCE }, killMs * SECOND_CHANCE) : first;
    if (last.kind === 'rendered') return last.parts;
    if (last.kind === 'slow') throw new AttuneError('TEMPLATE_TOO_SLOW', `Template ${request.key} ${last.how}.`);
    throw new AttuneError('TEMPLATE_INVALID', `Template ${request.key} does not render.`);
  }

  async #try(request: RenderRequest, killMs: number): Promise<Tried> {
    if (this.#closed) return { kind: 'failed' };
    this.#worker ??= started(this.#templates);
    const worker = await this.#worker.catch(() => undefined);
    const answer = worker && (await answered(worker, request, killMs));
    if (answer?.kind === 'rendered') return answer;
    if (answer === undefined) {
      await this.#end();
      return { kind: 'slow', how: 'was killed' };
    }
    return /limit exceeded/i.test(answer.message) ? { kind: 'slow', how: 'met its limit' } : { kind: 'failed' };
  }

  async #end(): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined);
    this.#worker = undefined;
    await worker?.terminate();
  }
}

type Tried = { readonly kind: 'rendered'; readonly parts: LiquidParts } | { readonly kind: 'slow'; readonly how: string } | { readonly kind: 'failed' };

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
