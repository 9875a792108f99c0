import { greatestOf } from './blend.ts';
import { ScoreSheet } from './score-sheet.ts';
import type { Asked, ItemReason, ServedModel } from './served-model.ts';

/** A part of a blend, by its name in the configuration. */
export interface NamedPart {
  readonly name: string;
  readonly weight: number;
  readonly model: ServedModel;
}

/** Several models as one: each one's scores over its greatest of this answer, times its weight, added up. Remembers which part said most of an item. */
export class ServedBlend implements ServedModel {
  readonly #parts: readonly Voice[];

  /** For numbers below `size`. */
  constructor(size: number, parts: readonly NamedPart[]) {
    this.#parts = parts.map((part) => ({ ...part, sheet: new ScoreSheet(size), scale: 0 }));
  }

  /** Parts that had nothing to say in the last call, those of parts too, each once. */
  get silent(): readonly string[] {
    return [...new Set(this.#parts.flatMap(({ name, scale, model }) => (scale === 0 ? [name] : model.silent)))];
  }

  score(asked: Asked, sheet: ScoreSheet): void {
    for (const part of this.#parts) {
      part.sheet.clear();
      part.model.score(asked, part.sheet);
      part.scale = part.weight / greatestOf(part.sheet);
      if (part.scale === 0) continue;
      const { touched, values } = part.sheet;
      for (let at = 0; at < touched.length; at++) {
        const item = touched[at] as number;
        sheet.add(item, part.scale * (values[item] as number));
      }
    }
  }

  reasonFor(item: number): ItemReason {
    let [loudest, most] = [this.#parts[0], 0];
    for (const part of this.#parts) {
      const said = part.scale * part.sheet.of(item);
      if (said > most) [loudest, most] = [part, said];
    }
    if (loudest === undefined) return { reason: 'popular' };
    return { part: loudest.name, ...loudest.model.reasonFor(item) };
  }
}

interface Voice extends NamedPart {
  readonly sheet: ScoreSheet;
  /** Its weight over its greatest score of the last call; 0 where it had nothing to say. */
  scale: number;
}
