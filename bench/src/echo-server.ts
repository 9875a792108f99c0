import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { Redis } from 'ioredis';

/** Path of the echo. The first four bytes of a request say how many bytes to answer. */
export const ECHO_PATH = '/bench.Echo/Call';
/** Path of the echo that first reads one value of Redis: the next four bytes of a request say how long that is. */
export const READ_PATH = '/bench.Echo/Read';

/** The key of a value of that many bytes, which whoever measures has set. */
export const valueKey = (prefix: string, bytes: number): string => `${prefix}.value.${bytes}`;

type Call = ServerUnaryCall<Buffer, Buffer>;
type Answer = sendUnaryData<Buffer>;

const asItIs = (bytes: Buffer): Buffer => bytes;
const answerFor = (request: Buffer): Buffer => Buffer.alloc(request.readUInt32BE(0), 'x');

/** The barest unary server: bytes in, so many bytes out, nothing read of them and nothing done; or one GET in between. */
function serve(redisUrl: string, prefix: string): void {
  const redis = new Redis(redisUrl);
  const server = new Server();
  const read = ({ request }: Call, answer: Answer): void =>
    void redis.getBuffer(valueKey(prefix, request.readUInt32BE(4))).then(
      (found) => (found === null ? answer(new Error('no such value')) : answer(null, answerFor(request))),
      (fault: Error) => answer(fault),
    );
  server.register(ECHO_PATH, ({ request }: Call, answer: Answer): void => answer(null, answerFor(request)), asItIs, asItIs, 'unary');
  server.register(READ_PATH, read, asItIs, asItIs, 'unary');
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (fault, port) => {
    if (fault !== null) throw fault;
    console.log(`echo on 127.0.0.1:${port}`);
  });
}

if (import.meta.main) serve(process.argv[2] ?? '', process.argv[3] ?? '');
