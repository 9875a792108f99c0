import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { OnlineRequest } from '../flows/get-online-features.ts';

const ENTITIES_MAX = 1_000;
const NAMES_MAX = 500;
const KEY_CHARACTERS_MAX = 1_000;

/** What the body of a client of Feast asks, and whether it wants the versions of views; words that are not known are passed over, as Feast does. @throws AttuneError REQUEST_INVALID that names the field */
export function onlineRequest(body: unknown): OnlineRequest & { readonly versions: boolean } {
  const json = parsed(body);
  const [entity, keys] = entitiesIn(json.get('entities'));
  const subjects = keys.map((key, i) => subjectOf(entity, key, i));
  const fullNames = truthIn(json, 'full_feature_names');
  return {
    entity,
    subjects,
    keys: keys as OnlineRequest['keys'],
    asked: askedIn(json),
    fullNames,
    versions: truthIn(json, 'include_feature_view_version_metadata'),
  };
}

const invalid = (detail: string, fault?: unknown): AttuneError => new AttuneError('REQUEST_INVALID', detail, fault);

/** The words of the body; a map, so that no word means anything to JavaScript. */
function parsed(body: unknown): ReadonlyMap<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.isBuffer(body) ? body : Buffer.of()));
  } catch (fault) {
    throw invalid('The body is not JSON in UTF-8.', fault);
  }
  if (!isMapping(json)) throw invalid('The body is not a JSON object.');
  return new Map(Object.entries(json));
}

const isMapping = (json: unknown): json is object => typeof json === 'object' && json !== null && !Array.isArray(json);

function entitiesIn(entities: unknown): readonly [entity: string, keys: readonly unknown[]] {
  if (!isMapping(entities)) throw invalid('Field: entities. A mapping such as {"user_id": ["u1"]} is expected.');
  const [first, ...more] = Object.entries(entities);
  if (first === undefined || more.length > 0) throw invalid('Field: entities. One entity is expected: user_id, anonymous_id or profile_id.');
  const [entity, keys] = first;
  if (!kinds.has(entity)) throw invalid(`Field: entities. An entity is user_id, anonymous_id or profile_id. ${spelling(entity, kinds.keys())}`);
  if (!Array.isArray(keys)) throw invalid(`Field: entities.${entity}. A list is expected.`);
  if (keys.length > ENTITIES_MAX) throw invalid(`Field: entities.${entity}. At most ${ENTITIES_MAX} are answered.`);
  return [entity, keys];
}

const kinds: ReadonlyMap<string, 'userId' | 'anonymousId' | 'profileId'> = new Map([
  ['user_id', 'userId'],
  ['anonymous_id', 'anonymousId'],
  ['profile_id', 'profileId'],
]);

function subjectOf(entity: string, key: unknown, i: number): Subject {
  const $case = kinds.get(entity);
  const text = typeof key === 'number' && Number.isSafeInteger(key) ? String(key) : key;
  if ($case === undefined || typeof text !== 'string' || text === '' || text.length > KEY_CHARACTERS_MAX)
    throw invalid(`Field: entities.${entity}[${i}]. A text or a whole number is expected.`);
  return { id: { $case, value: text } };
}

function askedIn(json: ReadonlyMap<string, unknown>): OnlineRequest['asked'] {
  const [service, references] = [json.get('feature_service') ?? undefined, json.get('features') ?? []];
  if (!Array.isArray(references)) throw invalid('Field: features. A list of <view>:<feature> is expected.');
  if (service !== undefined) {
    if (typeof service !== 'string') throw invalid('Field: feature_service. The name of a view is expected.');
    if (references.length > 0) throw invalid('Field: features. Either features or a feature_service is expected.');
    return { service };
  }
  if (references.length > NAMES_MAX) throw invalid(`Field: features. At most ${NAMES_MAX} are answered.`);
  const wrong = references.findIndex((one) => typeof one !== 'string');
  if (wrong >= 0) throw invalid(`Field: features[${wrong}]. A text such as <view>:<feature> is expected.`);
  return { references };
}

function truthIn(json: ReadonlyMap<string, unknown>, name: string): boolean {
  const said = json.get(name) ?? false;
  if (typeof said !== 'boolean') throw invalid(`Field: ${name}. True or false is expected.`);
  return said;
}
