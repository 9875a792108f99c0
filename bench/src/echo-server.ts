import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';

/** Path of the echo. The first four bytes of a request say how many bytes to answer. */
export const ECHO_PATH = '/bench.Echo/Call';

/** The barest unary server: bytes in, so many bytes out, nothing read of them and nothing done. */
function serve(): void {
  const server = new Server();
  const asItIs = (bytes: Buffer): Buffer => bytes;
  const echo = ({ request }: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => answer(null, Buffer.alloc(request.readUInt32BE(0), 'x'));
  server.register(ECHO_PATH, echo, asItIs, asItIs, 'unary');
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (fault, port) => {
    if (fault !== null) throw fault;
    console.log(`echo on 127.0.0.1:${port}`);
  });
}

if (import.meta.main) serve();
