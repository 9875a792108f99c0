import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server on loopback that takes everything and keeps nothing. */
export interface MailSink {
  readonly url: string;
  /** When the whole of a mail to that address was here, in ms of `performance.now()`. */
  arrival(address: string): Promise<number>;
  close(): Promise<void>;
}

/** Opens the sink on a free port. */
export async function openMailSink(): Promise<MailSink> {
  const waiting = new Map<string, (atMs: number) => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, { envelope }, done) => {
      stream.resume().once('end', () => {
        for (const { address } of envelope.rcptTo) waiting.get(address)?.(performance.now());
        done(null);
      });
    },
  });
  server.on('error', () => undefined); // a killed sender resets its connection
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    arrival: (address) =>
      new Promise((resolve) => {
        waiting.set(address, (atMs) => {
          waiting.delete(address);
          resolve(atMs);
        });
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
