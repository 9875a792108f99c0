/** What the configuration says of one property of an event. */
export interface FieldContract {
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'object' | 'time';
  /** Of a number or a time (ms since 1970) the value, of a text its characters, of a list its entries. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly required: boolean;
  readonly personal: boolean;
  /** True: its value may lie in clear, though it is a text, a list or an object. */
  readonly open?: boolean | undefined;
}

/** What the configuration says of one trait of a customer: either a type or the list of all values. */
export interface TraitContract {
  readonly type?: 'string' | 'number' | 'boolean' | 'email' | 'time' | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly personal: boolean;
  readonly sensitive: boolean;
}

/** What the door holds events to: the part of a configuration that it reads. */
export interface EventContract {
  readonly unknownEvents: 'reject' | 'keep';
  readonly events: Readonly<Record<string, { readonly fields: Readonly<Record<string, FieldContract>> }>>;
  readonly traits: Readonly<Record<string, TraitContract>>;
}

/** The fields declared for a track call of that name; undefined where the name is not declared. */
export const fieldsOf = ({ events }: EventContract, name: string): Readonly<Record<string, FieldContract>> | undefined =>
  Object.hasOwn(events, name) ? events[name]?.fields : undefined;
