import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What happens to bytes: `pass` = delivered; `drop-replies` = requests arrive, answers vanish; `blackhole` = nothing arrives, nothing closes;
 * `cut-on-reply` = requests arrive and both ends are closed in place of the answer.
 */
export type ProxyMode = 'pass' | 'drop-replies' | 'blackhole' | 'cut-on-reply';

/** A TCP proxy on loopback whose faults are switched on and off. */
export interface TcpProxy {
  readonly port: number;
  mode: ProxyMode;
  /** Closes every connection; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and passes on to the target. */
export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}); // the close that follows says enough
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => proxy.mode === 'blackhole' || upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (proxy.mode === 'pass') client.write(chunk);
      if (proxy.mode === 'cut-on-reply') cut();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    mode: 'pass',
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
