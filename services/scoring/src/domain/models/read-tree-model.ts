import { ModelFault, mapping } from './model-fault.ts';
import { readLightgbmJson } from './read-lightgbm-json.ts';
import { readLightgbmText } from './read-lightgbm-text.ts';
import { readXgboostJson } from './read-xgboost-json.ts';
import { MODEL_MAX, type TreeModel } from './tree-model.ts';

/** A model, or why the file is none: what is wrong in one sentence, and what to do. */
export type ReadModel = { readonly kind: 'model'; readonly model: TreeModel } | { readonly kind: 'fault'; readonly fault: string; readonly fix: string };

const FORMATS = "Save it by save_model('….txt') of LightGBM, as JSON of its dump_model(), or by save_model('….json') of XGBoost.";

/** Reads a model file of LightGBM (text, or the JSON of `dump_model`) or XGBoost (JSON). Nothing is thrown for what the text says. */
export function readTreeModel(text: string): ReadModel {
  if (text.length > MODEL_MAX.characters) return { kind: 'fault', fault: 'The model is larger than 64 MiB.', fix: 'Train fewer trees, or smaller ones.' };
  try {
    return { kind: 'model', model: anyFormat(text) };
  } catch (fault) {
    if (fault instanceof ModelFault) return { kind: 'fault', fault: fault.fault, fix: fault.fix };
    throw fault;
  }
}

function anyFormat(text: string): TreeModel {
  if (/^tree\r?\n/.test(text)) return readLightgbmText(text.replaceAll('\r\n', '\n'));
  if (!text.trimStart().startsWith('{')) throw new ModelFault('This is no model file that is known here.', FORMATS);
  const file = parsed(text);
  if (file['learner'] !== undefined) return readXgboostJson(file);
  if (file['tree_info'] !== undefined) return readLightgbmJson(file);
  throw new ModelFault('The JSON is neither a dump of LightGBM (tree_info) nor a model of XGBoost (learner).', FORMATS);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return mapping(JSON.parse(text), 'the file');
  } catch (fault) {
    if (fault instanceof ModelFault) throw fault;
    throw new ModelFault('The file is not whole JSON: it was cut, or edited.', FORMATS);
  }
}
