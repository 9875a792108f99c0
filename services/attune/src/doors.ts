import { createServer } from 'node:net';
import { AttuneError } from '@attune/kernel/errors';
import type { Settings } from './config.ts';
import type { Hosted } from './hosting.ts';

/** Where a process is called. */
export interface Doors {
  /** Of HTTP. */
  readonly address: string;
  /** Host and port of gRPC. */
  readonly grpcAddress: string;
}

/** Opens the doors of a process. @throws AttuneError PORT_TAKEN that names a free one, SETTING_INVALID where this user may not listen there */
export async function openDoors({ app, grpc }: Pick<Hosted, 'app' | 'grpc'>, settings: Settings): Promise<Doors> {
  const host = settings.ATTUNE_HOST;
  const address = await listen('ATTUNE_HTTP_PORT', settings, (port) => app.listen({ host, port }));
  const grpcPort = await listen('ATTUNE_GRPC_PORT', settings, (port) => grpc.listen(host, port));
  return { address, grpcAddress: `${host}:${grpcPort}` };
}

/** Where links in mails of the one process lead: the public address; else, where mails stay in the outbox, the process's own; undefined while that is not known yet. */
export const publicUrlOf =
  (app: Hosted['app'], { ATTUNE_PUBLIC_URL, ATTUNE_SMTP_URL, ATTUNE_HOST, ATTUNE_HTTP_PORT }: Settings) =>
  (): string | undefined => {
    if (ATTUNE_PUBLIC_URL !== undefined || ATTUNE_SMTP_URL !== undefined) return ATTUNE_PUBLIC_URL;
    const listening = app.server.address();
    const port = typeof listening === 'object' && listening !== null ? listening.port : ATTUNE_HTTP_PORT;
    const host = ATTUNE_HOST.includes(':') ? `[${ATTUNE_HOST}]` : ATTUNE_HOST;
    return port === 0 ? undefined : `http://${host}:${port}`;
  };

async function listen<Opened>(name: 'ATTUNE_HTTP_PORT' | 'ATTUNE_GRPC_PORT', settings: Settings, open: (port: number) => Promise<Opened>): Promise<Opened> {
  const port = settings[name];
  try {
    return await open(port);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'EACCES') throw new AttuneError('SETTING_INVALID', `${name}: this user may not listen on ${port}.`, fault);
    if (code !== 'EADDRINUSE') throw fault;
    throw new AttuneError('PORT_TAKEN', `Port ${port}; free is ${name}=${await nextFree(settings.ATTUNE_HOST, port + 1)}.`);
  }
}

async function nextFree(host: string, port: number): Promise<number> {
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
  return free ? port : nextFree(host, port + 1);
}
