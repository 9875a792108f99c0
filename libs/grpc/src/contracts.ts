import { readFileSync } from 'node:fs';
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** Every contract as a FileDescriptorSet; `npm run generate` makes it. */
export const CONTRACTS = new URL('../contracts.binpb', import.meta.url);

/** What a call is asked with, by its path `/<package>.<Service>/<Method>`. @throws Error for a call of no contract */
export function requestShapeOf(path: string): DescMessage {
  const [, service = '', method = ''] = path.split('/');
  const found = contracts()
    .getService(service)
    ?.methods.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`${path} stands in no contract: npm run generate`);
  return found.input;
}

/** The path of every call of these contracts, service by service. */
export const callPaths = (): readonly string[] =>
  [...contracts()].flatMap((one) => (one.kind === 'service' ? one.methods.map(({ name }) => `/${one.typeName}/${name}`) : []));

/** Every message whose name begins so, in the order of the contracts. */
export const shapesOf = (beginning: string): readonly DescMessage[] =>
  [...contracts()].flatMap((one) => (one.kind === 'message' && one.typeName.startsWith(beginning) ? [one] : []));

let read: FileRegistry | undefined;

/** Read once, when the first table of calls is made. */
function contracts(): FileRegistry {
  read ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(CONTRACTS)));
  return read;
}
