import type { RulePart, RuleValues } from './find-transitions.ts';

/** What a condition or a part of one answers. */
export type Answer = 'holds' | 'fails' | 'unknown';

/** Two numbers that were compared. */
export interface ComparedValues {
  readonly sign: string;
  readonly left: number;
  readonly right: number;
  /** How far the left one is from where the comparison holds; 0 where it holds, and where it has only to be left. */
  readonly missesBy: number;
}

/** A part with its answer. */
export interface PartAnswer {
  readonly part: RulePart;
  /** 0 for the whole. */
  readonly depth: number;
  readonly answer: Answer;
  /** Where the whole would change between holding and not holding if this part alone answered so, and everything else as it does; absent where neither does that. Of the whole itself: always absent. */
  readonly turnsIf?: 'holds' | 'fails';
  readonly compared?: ComparedValues;
}

/** Every part of a condition with its answer, each before those below it; the first is the whole. */
export function explainCondition(whole: RulePart, values: RuleValues): readonly PartAnswer[] {
  const answers = new Map<RulePart, Answer>();
  note(whole, values, answers);
  const holds = answers.get(whole) === 'holds';
  const explained = (part: RulePart, depth: number): readonly PartAnswer[] => {
    const turnsIf =
      part === whole ? undefined : turning.find((forced) => forced !== answers.get(part) && (answerIf(whole, answers, { part, forced }) === 'holds') !== holds);
    const compared = comparedIn(part, values);
    const own: PartAnswer = { part, depth, answer: answers.get(part) ?? 'unknown', ...(turnsIf && { turnsIf }), ...(compared && { compared }) };
    return [own, ...part.parts.flatMap((below) => explained(below, depth + 1))];
  };
  return explained(whole, 0);
}

const turning = ['holds', 'fails'] as const;

/** Leaves are asked, and what stands above them is joined from their answers. */
function note(part: RulePart, values: RuleValues, answers: Map<RulePart, Answer>): void {
  for (const below of part.parts) note(below, values, answers);
  answers.set(part, part.kind === 'leaf' ? part.evaluate(values).kind : joined(part, (below) => answers.get(below) ?? 'unknown'));
}

interface Forced {
  readonly part: RulePart;
  readonly forced: Answer;
}

function answerIf(part: RulePart, answers: ReadonlyMap<RulePart, Answer>, change: Forced): Answer {
  if (part === change.part) return change.forced;
  return part.kind === 'leaf' ? (answers.get(part) ?? 'unknown') : joined(part, (below) => answerIf(below, answers, change));
}

const opposite = { holds: 'fails', fails: 'holds', unknown: 'unknown' } as const;

/** As conditions join them: what absorbs decides whatever stands beside it, also beside what is unknown. */
function joined({ kind, parts }: RulePart, answerOf: (part: RulePart) => Answer): Answer {
  const answers = parts.map(answerOf);
  if (kind === 'not') return opposite[answers[0] ?? 'unknown'];
  if (kind === 'choice') return (answers[0] === 'holds' ? answers[1] : answers[0] === 'fails' ? answers[2] : undefined) ?? 'unknown';
  const absorbing = kind === 'all' ? 'fails' : 'holds';
  if (answers.includes(absorbing)) return absorbing;
  return answers.includes('unknown') ? 'unknown' : opposite[absorbing];
}

function comparedIn({ compares }: RulePart, values: RuleValues): ComparedValues | undefined {
  if (!compares) return undefined;
  const { sign } = compares;
  const [left, right] = [compares.left(values), compares.right(values)];
  return left === undefined || right === undefined ? undefined : { sign, left, right, missesBy: missOf(sign, left, right) };
}

function missOf(sign: string, left: number, right: number): number {
  if (sign === '<' || sign === '<=') return Math.max(0, left - right);
  if (sign === '>' || sign === '>=') return Math.max(0, right - left);
  return sign === '==' ? Math.abs(left - right) : 0;
}
