import { type EventContract, type FieldContract, fieldsOf, type TraitContract } from './event-contract.ts';
import type { Fault } from './fault.ts';
import { type ParseTime, timeOf } from './happened-at.ts';

/** A call as far as a contract speaks of it. */
export interface ContractCase {
  readonly type: string;
  /** The name of a track call. */
  readonly name: string;
  /** Properties, or the traits of an identify call. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: string;
}

const RESERVED: readonly string[] = ['Attune ', 'attune.'];
const EMAIL_CHARACTERS_MAX = 254;

/** Holds a call to the configuration: the first fault, or undefined. What is not declared in a known event, page, screen or group is nobody's business here. */
export function contractFault(call: ContractCase, contract: EventContract, parseTime: ParseTime): Fault | undefined {
  if (call.type === 'identify') return traitsFault(call.fields, contract, parseTime);
  if (call.type !== 'track') return undefined;
  const own = call.source === 'attune';
  if (!own && RESERVED.some((start) => call.name.startsWith(start))) return { code: 'EVENT_RESERVED', field: 'event' };
  const declared = fieldsOf(contract, call.name);
  if (declared !== undefined) return fieldsFault(call.fields, declared, parseTime);
  return own || contract.unknownEvents === 'keep' ? undefined : { code: 'EVENT_UNDECLARED', field: 'event' };
}

function fieldsFault(fields: ContractCase['fields'], declared: Readonly<Record<string, FieldContract>>, parseTime: ParseTime): Fault | undefined {
  for (const [name, field] of Object.entries(declared)) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const absent = value === undefined || value === null;
    if (absent && field.required) return { code: 'FIELD_MISSING', field: `properties.${name}` };
    if (!absent && !fits(value, field, parseTime)) return { code: 'FIELD_INVALID', field: `properties.${name}` };
  }
  return undefined;
}

function traitsFault(traits: ContractCase['fields'], contract: EventContract, parseTime: ParseTime): Fault | undefined {
  for (const [name, trait] of Object.entries(contract.traits)) {
    const value = Object.hasOwn(traits, name) ? traits[name] : undefined;
    if (value !== undefined && value !== null && !fitsTrait(value, trait, parseTime)) return { code: 'FIELD_INVALID', field: `traits.${name}` };
  }
  return undefined;
}

function fitsTrait(value: unknown, trait: TraitContract, parseTime: ParseTime): boolean {
  if (trait.enum !== undefined) return typeof value === 'string' && trait.enum.includes(value);
  if (trait.type === 'email') return typeof value === 'string' && value.length <= EMAIL_CHARACTERS_MAX && /^[^\s\p{Cc}@<>,;]+@[^\s\p{Cc}@<>,;]+$/u.test(value);
  return trait.type === undefined || Number.isFinite(measureOf(value, trait.type, parseTime));
}

const fits = (value: unknown, { type, min, max }: FieldContract, parseTime: ParseTime): boolean => {
  const measure = measureOf(value, type, parseTime);
  return Number.isFinite(measure) && measure >= (min ?? measure) && measure <= (max ?? measure);
};

/** What min and max are about; NaN for a value of another type. */
function measureOf(value: unknown, type: FieldContract['type'], parseTime: ParseTime): number {
  if (type === 'time') return timeOf(value, parseTime) ?? Number.NaN;
  if (type === 'number') return typeof value === 'number' ? value : Number.NaN;
  if (type === 'string') return typeof value === 'string' ? value.length : Number.NaN;
  if (type === 'list') return Array.isArray(value) ? value.length : Number.NaN;
  if (type === 'boolean') return typeof value === 'boolean' ? Number(value) : Number.NaN;
  return typeof value === 'object' && !Array.isArray(value) ? 0 : Number.NaN;
}
