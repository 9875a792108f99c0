import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail server on loopback that takes everything and keeps nothing. It greets at once: servers that wait for early talkers would be measured instead of Attune. */
export interface MailSink {
  readonly url: string;
  /** When the whole of a mail to that address was here, in ms of `performance.now()`. */
  arrival(address: string): Promise<number>;
  close(): void;
}

/** Opens the sink on a free port. */
export async function openMailSink(): Promise<MailSink> {
  const waiting = new Map<string, (atMs: number) => void>();
  const server = createServer((socket) => serve(socket, (address) => waiting.get(address)?.(performance.now())));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrival: (address) =>
      new Promise((resolve) => {
        waiting.set(address, (atMs) => {
          waiting.delete(address);
          resolve(atMs);
        });
      }),
    close: () => void server.close(),
  };
}

/** As much of RFC 5321 as a sender of plain mails needs; `taken` hears of each mail by its recipient. */
function serve(socket: Socket, taken: (address: string) => void): void {
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  let to = '';
  let inBody = false;
  const hearCommand = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') to = /<(.+)>/.exec(line)?.[1] ?? '';
    inBody = verb === 'DATA';
    say(verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 yes');
    if (verb === 'QUIT') socket.end();
  };
  const hearBody = (line: string): void => {
    if (line !== '.') return;
    inBody = false;
    taken(to);
    say('250 taken');
  };
  socket.setNoDelay(true);
  socket.on('error', () => undefined); // a killed sender resets its connection
  createInterface({ input: socket }).on('line', (line) => (inBody ? hearBody(line) : hearCommand(line)));
  say('220 sink');
}
