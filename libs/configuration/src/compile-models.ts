import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import type { KnownNames, ValueType } from './conditions.ts';
import type { Model, ModelInput } from './configuration.ts';
import { fitModel, type ModelFileOf } from './fit-model.ts';
import type { Path } from './positions.ts';
import type { AttuneDocument } from './schema.ts';

/** What models are compiled with. */
export interface ModelSources {
  readonly document: AttuneDocument;
  readonly features: readonly FeatureDeclaration[];
  readonly names: KnownNames;
  readonly review: Review;
  /** Absent = model files are not checked. */
  readonly modelFile: ModelFileOf | undefined;
}

type Written = AttuneDocument['models'][string];

/** Models with their names resolved, sorted by name; held to their files where these can be read. */
export function compileModels(sources: ModelSources): Model[] {
  const { document, review, modelFile } = sources;
  return Object.entries(document.models)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, written]) => {
      const found = review.findings.length;
      const model = modelOf(sources, name, written);
      // A view that is not there has no values to be held to a file.
      if (modelFile !== undefined && review.findings.length === found) review.findings.push(...fitModel(model, modelFile(model.file)).findings);
      return model;
    });
}

function modelOf(sources: ModelSources, name: string, written: Written): Model {
  const { document, review } = sources;
  const path = ['models', name];
  review.known({ path: [...path, 'view'], what: 'view', name: written.view, among: Object.keys(document.views) });
  const view = Object.hasOwn(document.views, written.view) ? document.views[written.view] : undefined;
  const listed = view?.features ?? [];
  const purpose = written.purpose ?? view?.purpose;
  if (purpose === undefined && view !== undefined)
    review.findings.push({ path: [...path, 'view'], fault: `${written.view} declares no purpose.`, fix: 'Give the model one, such as purpose: personalise.' });
  if (written.purpose !== undefined)
    review.known({ path: [...path, 'purpose'], what: 'purpose', name: written.purpose, among: Object.keys(document.purposes) });
  if (view !== undefined)
    for (const one of Object.keys(written.inputs))
      review.known({ path: [...path, 'inputs', one], what: `value of ${written.view} named`, name: one, among: listed });
  for (const one of listed) checkValue(sources, { path, written, one, purpose });
  return {
    ...{ name, file: written.kind.file, view: written.view, purpose: purpose ?? '', withheld: written.withheld, contributions: written.contributions },
    inputs: listed.map((one) => inputOf(written, one)),
    ...(written.stale_after !== undefined && { staleAfterMs: written.stale_after }),
  };
}

function inputOf({ inputs, missing }: Written, name: string): ModelInput {
  const said = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  const { as, codes } = said ?? {};
  return {
    ...{ name, missing: said?.missing ?? missing },
    ...(as !== undefined && { as }),
    ...(codes !== undefined && { codes: Array.isArray(codes) ? Object.fromEntries(codes.map((text, code) => [text, code])) : codes }),
  };
}

interface ValueCheck {
  readonly path: Path;
  readonly written: Written;
  readonly one: string;
  readonly purpose: string | undefined;
}

/** A model reads numbers: what is none needs codes, and what may never be read is no feature of it. A name that is not known is the view's fault. */
function checkValue(sources: ModelSources, { path, written, one, purpose }: ValueCheck): void {
  const value = valueNamed(sources, one);
  if (value === undefined) return;
  const codes = Object.hasOwn(written.inputs, one) ? written.inputs[one]?.codes : undefined;
  const add = (where: Path, fault: string, fix: string): void => void sources.review.findings.push({ path: [...path, ...where], fault, fix });
  if (value.type === undefined) add(['view'], `${one} is not one value, and a model reads numbers.`, 'Leave it out of the view.');
  else if (value.type === 'text' && codes === undefined)
    add(['view'], `${one} is a text, and a model reads numbers.`, `Write the codes of its training: inputs: { ${one}: { codes: [one, two] } }.`);
  else if (value.type !== 'text' && codes !== undefined) add(['inputs', one, 'codes'], `${one} is no text, and codes stand for texts.`, 'Remove codes.');
  if (written.purpose !== undefined && purpose !== undefined && !value.purposes.includes(purpose))
    add(['purpose'], `${one} may not be used for ${purpose}: it would always be withheld.`, `Add ${purpose} to its purposes, or remove it from the view.`);
}

/** What a name of a view stands for; no type = it is not one number, text or truth. */
function valueNamed({ document, features, names }: ModelSources, one: string) {
  const trait = one.startsWith('traits.') ? one.slice('traits.'.length) : undefined;
  if (trait !== undefined && Object.hasOwn(document.traits, trait))
    return { purposes: document.traits[trait]?.purposes ?? [], type: plain(names.traits.get(trait)?.type) };
  const whole = features.find(({ name }) => name === one) ?? features.find(({ name, by }) => by !== undefined && one.startsWith(`${name}.`));
  if (whole === undefined) return undefined;
  const isPart = whole.by !== undefined && one !== whole.name;
  return { purposes: whole.purposes, type: isPart || whole.by === undefined ? plain(names.features.get(whole.name)?.type) : undefined };
}

const plain = (type: ValueType | undefined): 'number' | 'text' | 'truth' | undefined =>
  type === 'number' || type === 'text' || type === 'truth' ? type : undefined;
