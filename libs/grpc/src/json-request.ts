import { AttuneError } from '@attune/kernel/errors';

/** A message of the contracts, as protobuf's mapping to JSON reads and writes it. */
export interface JsonMessage<Message> {
  fromJSON(json: unknown): Message;
  toJSON(message: Message): unknown;
}

/** Reads the body of a unary call (camelCase or snake_case; no body = the empty request). The generated reader takes "no" for true and a list for its first entry, so what it understood is held against what was written. @throws AttuneError REQUEST_INVALID, with the first field at fault where it is a known one */
export function readRequest<Message>(body: unknown, message: JsonMessage<Message>): Message {
  const json = parsed(body);
  if (!isObject(json)) throw new AttuneError('REQUEST_INVALID', 'The body is not a JSON object.');
  const { request, echo } = understood(json, message);
  for (const [name, given] of Object.entries(json)) {
    const field = fieldIn(echo, name);
    if (!agrees(given, field === undefined ? undefined : echo[field]))
      throw new AttuneError('REQUEST_INVALID', field === undefined ? 'A field of the body is unknown or has a wrong type.' : `Field: ${field}.`);
  }
  return request;
}

function parsed(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not JSON in UTF-8.', fault);
  }
}

/** What the reader made of it; a time that is none is read, and cannot be written again. */
function understood<Message>(json: unknown, { fromJSON, toJSON }: JsonMessage<Message>) {
  try {
    const request = fromJSON(json);
    return { request, echo: toJSON(request) as Readonly<Record<string, unknown>> };
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not the request of this call.', fault);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Under which name what was written stands in the echo: keys of maps as they are, fields in camelCase. */
const fieldIn = (echo: Readonly<Record<string, unknown>>, name: string): string | undefined =>
  [name, name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())].find((one) => Object.hasOwn(echo, one));

/** Whether the echo says what was written. Protobuf leaves defaults out, and takes numbers as texts and texts as numbers. */
function agrees(given: unknown, echo: unknown): boolean {
  if (echo === undefined) return isDefault(given);
  if (Array.isArray(given)) return Array.isArray(echo) && echo.length === given.length && given.every((one, i) => agrees(one, echo[i]));
  if (isObject(given)) {
    if (!isObject(echo)) return false;
    return Object.entries(given).every(([name, value]) => agrees(value, echo[fieldIn(echo, name) ?? '']));
  }
  if (typeof given === 'number') return Number.isFinite(echo) || echo === String(given);
  if (typeof given === 'string') return typeof echo === 'string' || (given !== '' && Number.isFinite(echo));
  return given === echo;
}

const isDefault = (given: unknown): boolean =>
  given === null ||
  given === '' ||
  given === 0 ||
  given === false ||
  (Array.isArray(given) ? given.length === 0 : isObject(given) && Object.keys(given).length === 0);
