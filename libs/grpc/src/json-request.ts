import { AttuneError } from '@attune/kernel/errors';
import type { DescMessage } from '@bufbuild/protobuf';
import { isObject, jsonFault } from './json-fault.ts';

/** A message of the contracts, as protobuf's mapping to JSON reads and writes it. */
export interface JsonMessage<Message> {
  fromJSON(json: unknown): Message;
  toJSON(message: Message): unknown;
}

/** Reads the body of a unary call (camelCase or snake_case; no body = the empty request). The generated reader takes "no" for true and a list for its first entry, so what was written is held against the contract first. @throws AttuneError REQUEST_INVALID with the first field at fault and what is expected there */
export function readRequest<Message>(body: unknown, { fromJSON }: Pick<JsonMessage<Message>, 'fromJSON'>, shape: DescMessage): Message {
  const json = parsed(body);
  if (!isObject(json)) throw new AttuneError('REQUEST_INVALID', 'The body is not a JSON object.');
  const fault = jsonFault(json, shape);
  if (fault !== undefined) throw new AttuneError('REQUEST_INVALID', fault);
  return fromJSON(json);
}

function parsed(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not JSON in UTF-8.', fault);
  }
}
