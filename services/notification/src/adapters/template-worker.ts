import { parentPort, workerData } from 'node:worker_threads';
import { htmlLiquid, type LiquidParts, plainLiquid, subjectOf } from './liquid-engine.ts';

/** Runs in a thread of its own, so that a template that does not end can be killed: parses every template once, then renders what it is asked for. */
export interface RenderRequest {
  readonly id: number;
  /** Which of the templates that the thread was started with. */
  readonly key: string;
  readonly variables: object;
  /** How long each part may take, in ms. */
  readonly limitMs: number;
}

/** What the thread says: once that it is ready, then one answer a request. */
export type RenderAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'rendered'; readonly id: number; readonly parts: LiquidParts }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

const html = htmlLiquid();
const plain = plainLiquid();
const templates = new Map(
  Object.entries(workerData as Record<string, LiquidParts>).map(([key, parts]) => [
    key,
    { subject: plain.parse(parts.subject), html: html.parse(parts.html), text: plain.parse(parts.text) },
  ]),
);

parentPort?.on('message', (request: RenderRequest) => parentPort?.postMessage(answer(request)));
parentPort?.postMessage({ kind: 'ready' } satisfies RenderAnswer);

function answer({ id, key, variables, limitMs: renderLimit }: RenderRequest): RenderAnswer {
  try {
    const template = templates.get(key);
    if (template === undefined) return { kind: 'failed', id, message: 'unknown template' };
    const parts = {
      subject: subjectOf(String(plain.renderSync(template.subject, variables, { renderLimit }))),
      html: String(html.renderSync(template.html, variables, { renderLimit })),
      text: String(plain.renderSync(template.text, variables, { renderLimit })),
    };
    return { kind: 'rendered', id, parts };
  } catch (fault) {
    return { kind: 'failed', id, message: fault instanceof Error ? fault.message : '' };
  }
}
