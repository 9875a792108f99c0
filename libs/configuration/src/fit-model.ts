import { nearest } from '@attune/kernel/nearest';
import type { Model, ModelInput } from './configuration.ts';
import type { Finding } from './faults.ts';
import type { Path } from './positions.ts';

/** What a model file says of itself, or why it cannot be used. */
export type ModelFile =
  | {
      readonly kind: 'model';
      /** Its own names in the order of a row; empty texts where it has none. */
      readonly features: readonly string[];
      /** The categories of the training by their codes, a list a column, where the file tells them. */
      readonly categories: readonly (readonly string[])[];
      /** How many steps one explanation takes. */
      readonly explainSteps: number;
    }
  | { readonly kind: 'fault'; readonly fault: string; readonly fix: string };

/** Reads a model file by its path in the configuration. */
export type ModelFileOf = (file: string) => ModelFile;

/** The place in the view of each feature of the model, or what is wrong. */
export interface Fit {
  readonly order: readonly number[];
  readonly findings: readonly Finding[];
}

/** An explanation of so many steps takes about half a second; no call waits longer. */
export const EXPLAIN_STEPS_MAX = 50_000_000;

/** Finds each feature of a model among the values of its view. */
export function fitModel(model: Model, file: ModelFile): Fit {
  const path = ['models', model.name];
  if (file.kind === 'fault') return { order: [], findings: [{ path: [...path, 'kind', 'file'], fault: file.fault, fix: file.fix }] };
  const slow: Finding[] =
    model.contributions && file.explainSteps > EXPLAIN_STEPS_MAX
      ? [
          {
            path: [...path, 'kind', 'file'],
            fault: 'The model is too large to be explained in a call.',
            fix: 'Write contributions: false, or train a smaller one.',
          },
        ]
      : [];
  const { order, findings } = file.features.every(isNoName) ? byPlace(model, file.features) : byName(model, file.features);
  return { order, findings: [...slow, ...findings, ...otherCodes(model, file.categories)] };
}

/** Codes that are not those of any column of the training would be read as other categories, in silence. */
function otherCodes({ name, inputs }: Model, categories: readonly (readonly string[])[]): Finding[] {
  if (categories.length === 0) return [];
  const isOf = (codes: Readonly<Record<string, number>>, trained: readonly string[]): boolean =>
    Object.keys(codes).length === trained.length && trained.every((text, code) => Object.hasOwn(codes, text) && codes[text] === code);
  const write = categories.map((trained) => `codes: [${trained.slice(0, 12).join(', ')}${trained.length > 12 ? ', …' : ''}]`).join(' or ');
  return inputs.flatMap(({ name: value, codes }): Finding[] => {
    if (codes === undefined || categories.some((trained) => isOf(codes, trained))) return [];
    const fault = `The training gave the categories of ${value} other codes.`;
    return [{ path: ['models', name, 'inputs', value, 'codes'], fault, fix: `Write all of them in the order of the training: ${write}.` }];
  });
}

/** What the libraries write where columns have no names. */
const isNoName = (name: string, place: number): boolean => name === '' || name === `Column_${place}` || name === `f${place}`;

function byPlace({ name, view, inputs }: Model, features: readonly string[]): Fit {
  if (inputs.every(({ as }) => as === undefined) && inputs.length === features.length) return { order: features.map((_, i) => i), findings: [] };
  if (inputs.some(({ as }) => as !== undefined)) return byName({ name, view, inputs }, features);
  const fault = `The model has no names for its ${features.length} features, and ${view} has ${inputs.length} values.`;
  return {
    order: [],
    findings: [{ path: ['models', name, 'view'], fault, fix: 'Name a view of as many, in the order of the training, or train with names.' }],
  };
}

function byName({ name, view, inputs }: Pick<Model, 'name' | 'view' | 'inputs'>, features: readonly string[]): Fit {
  const path = ['models', name];
  const order = features.map((feature) => inputs.findIndex((input) => answersTo(input, feature)));
  const absent = features.flatMap((feature, i): Finding[] => (order[i] === -1 ? [{ path: [...path, 'view'], ...notThere(feature, view, inputs) }] : []));
  const left = inputs.flatMap((input, i): Finding[] => (order.includes(i) ? [] : [{ path: leadTo(path, input), ...notRead(input, features) }]));
  return { order, findings: [...absent, ...left] };
}

const answersTo = ({ name, as }: ModelInput, feature: string): boolean => (as === undefined ? [name, name.replace(/^traits\./, '')] : [as]).includes(feature);

const leadTo = (path: Path, { name, as }: ModelInput): Path => (as === undefined ? [...path, 'view'] : [...path, 'inputs', name, 'as']);

function notThere(feature: string, view: string, inputs: readonly ModelInput[]) {
  const names = inputs.map(({ name }) => name);
  const near = nearest(feature, names);
  return {
    fault: `The model reads ${feature}, which ${view} does not have.`,
    fix: `Add it to the view, or say which value it is: inputs: { ${near ?? '<value>'}: { as: ${feature} } }.`,
  };
}

function notRead({ name, as }: ModelInput, features: readonly string[]) {
  const near = nearest(as ?? name, features);
  return {
    fault: as === undefined ? `The model has no feature named ${name}.` : `The model has no feature named ${as}, as ${name} is said to be.`,
    fix: near === undefined ? `It has ${features.slice(0, 12).join(', ')}.` : `Did you mean ${near}?`,
  };
}
