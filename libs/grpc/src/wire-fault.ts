import type { DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** The path of the field at which bytes cease to be that message, by its names in the contract; undefined where the bytes can be walked, or break outside of every known field. */
export const wireFault = (bytes: Uint8Array, shape: DescMessage): string | undefined => faultIn(new BinaryReader(bytes), bytes.length, { shape, path: '' });

interface Place {
  readonly shape: DescMessage;
  readonly path: string;
}

function faultIn(reader: BinaryReader, end: number, { shape, path }: Place): string | undefined {
  let at = path;
  try {
    while (reader.pos < end) {
      at = path;
      const [number, wireType] = reader.tag();
      const field = shape.fields.find((one) => one.number === number);
      if (field !== undefined) at = path === '' ? field.name : `${path}.${field.name}`;
      if (field?.message === undefined || wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, number);
        continue;
      }
      const length = reader.uint32();
      const inner = faultIn(reader, reader.pos + length, { shape: field.message, path: at });
      if (inner !== undefined) return inner;
    }
  } catch {
    return at === '' ? undefined : at;
  }
  return reader.pos === end || at === '' ? undefined : at;
}
