import { hash32 } from '@attune/kernel/hash';
import type { RuleValues } from '../campaign-rules.ts';
import type { LearningInput } from './learning-rule.ts';

/**
 * What a model reads of a customer, as numbers: a one, and each input. A number is squeezed by its logarithm, so that a spend does not drown a count; a text is a one in
 * one of eight places; what is missing or withheld is nothing, as an average customer has it. All are 32-bit floats: what is learnt from is what was decided by.
 */
export function contextVector(inputs: readonly LearningInput[], values: RuleValues): Float64Array {
  const x = new Float64Array(contextWidth(inputs));
  x[0] = 1;
  let at = 1;
  for (const { name, type } of inputs) {
    const value = readValue(values, name);
    if (type === 'number' && typeof value === 'number' && Number.isFinite(value)) x[at] = squeezed(value);
    if (type === 'truth') x[at] = value === true ? 1 : 0;
    if (type === 'text' && typeof value === 'string') x[at + (hash32(`${name}\n${value}`) % TEXT_WIDTH)] = 1;
    at += widthOf(type);
  }
  return x;
}

/** How many numbers a model reads of a customer. */
export const contextWidth = (inputs: readonly LearningInput[]): number => inputs.reduce((sum, { type }) => sum + widthOf(type), 1);

/** A context as it travels: 32-bit floats, the lowest byte first. */
export function contextBytes(x: Float64Array): Uint8Array {
  const bytes = new Uint8Array(4 * x.length);
  const view = new DataView(bytes.buffer);
  for (const [i, one] of x.entries()) view.setFloat32(4 * i, one, true);
  return bytes;
}

/** The context in the bytes; undefined where they are not of this many numbers. */
export function contextOf(bytes: Uint8Array, width: number): Float64Array | undefined {
  if (bytes.length !== 4 * width) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: width }, (_, i) => view.getFloat32(4 * i, true));
}

const TEXT_WIDTH = 8;
const TRAITS = 'traits.';
const widthOf = (type: LearningInput['type']): number => (type === 'text' ? TEXT_WIDTH : 1);
const squeezed = (value: number): number => Math.fround((Math.sign(value) * Math.log1p(Math.abs(value))) / 4);

function readValue({ features, traits }: RuleValues, name: string): unknown {
  if (name.startsWith(TRAITS)) return traits[name.slice(TRAITS.length)];
  if (Object.hasOwn(features, name)) return features[name];
  const dot = name.indexOf('.');
  const whole = dot < 0 ? undefined : features[name.slice(0, dot)];
  return typeof whole === 'object' && whole !== null ? Object.getOwnPropertyDescriptor(whole, name.slice(dot + 1))?.value : undefined;
}
