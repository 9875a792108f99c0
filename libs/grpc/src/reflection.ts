import { readFileSync } from 'node:fs';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { service as health } from 'grpc-health-check';
import { CONTRACTS } from './contracts.ts';

type Definitions = ConstructorParameters<typeof ReflectionService>[0];

/** Serves `grpc.reflection.v1.ServerReflection` (and v1alpha) for these services and health, so that tools find them without the contracts at hand. */
export function reflectionOn(server: Server, services: readonly string[]): void {
  const contracts = { fileDescriptorProtos: filesIn(readFileSync(CONTRACTS)) };
  // Of a definition only the descriptors are read.
  const definitions = { contracts, health: health['Check']?.requestType } as unknown as Definitions;
  new ReflectionService(definitions, { services: [...services, 'grpc.health.v1.Health'] }).addToServer(server);
}

const LENGTH_DELIMITED_1 = 0x0a;

/** The files of a FileDescriptorSet, whose one field is `repeated FileDescriptorProto file = 1`. @throws Error for anything else */
function filesIn(set: Buffer): readonly Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < set.length; ) {
    if (set[at++] !== LENGTH_DELIMITED_1) throw new Error('not a FileDescriptorSet');
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = set.readUInt8(at++);
      length |= (byte & 0x7f) << shift;
      more = byte > 0x7f;
    }
    files.push(set.subarray(at, at + length));
    at += length;
  }
  return files;
}
