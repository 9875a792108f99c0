import type { Configuration, Model } from '@attune/configuration/configuration';
import { fitModel, type ModelFileOf } from '@attune/configuration/fit-model';
import { AttuneError } from '@attune/kernel/errors';
import { readTreeModel } from '../domain/models/read-tree-model.ts';
import type { TreeModel } from '../domain/models/tree-model.ts';
import type { ReadModelFile } from '../ports.ts';

/** A model that can be asked. */
export interface LoadedModel {
  readonly model: Model;
  /** SHA-256 of its file, in hex. */
  readonly version: string;
  readonly trees: TreeModel;
  /** The place in the view of each feature of the trees. */
  readonly order: readonly number[];
}

/** By name. */
export type Models = ReadonlyMap<string, LoadedModel>;

/** Reads every model of a configuration. @throws AttuneError CONFIGURATION_INVALID for a file that is no model, or does not fit its view */
export const loadModels = ({ models }: Pick<Configuration, 'models'>, read: ReadModelFile): Models =>
  new Map(models.map((model) => [model.name, loaded(model, read)]));

function loaded(model: Model, read: ReadModelFile): LoadedModel {
  const file = fileOf(model.file, read);
  const { order, findings } = fitModel(model, file.kind === 'fault' ? file : facts(file.trees));
  const [first] = findings;
  if (file.kind === 'fault' || first !== undefined) {
    const { fault, fix, path } = first ?? { fault: '', fix: '', path: [] };
    throw new AttuneError('CONFIGURATION_INVALID', `${path.join('.')}: ${fault} ${fix}`);
  }
  return { model, version: file.version, trees: file.trees, order };
}

/** What `attune check` asks of a model file. */
export const modelFileOf =
  (read: ReadModelFile): ModelFileOf =>
  (path) => {
    const file = fileOf(path, read);
    return file.kind === 'fault' ? file : facts(file.trees);
  };

type ReadTrees =
  | { readonly kind: 'trees'; readonly trees: TreeModel; readonly version: string }
  | { readonly kind: 'fault'; readonly fault: string; readonly fix: string };

function fileOf(path: string, read: ReadModelFile): ReadTrees {
  const file = read(path);
  if (file.kind === 'fault') return file;
  const trees = readTreeModel(file.text);
  return trees.kind === 'fault' ? { ...trees, fault: `${path}: ${trees.fault}` } : { kind: 'trees', trees: trees.model, version: file.version };
}

const facts = ({ features, categories, explainSteps }: TreeModel) => ({ kind: 'model', features, categories, explainSteps }) as const;
