import { nearest, spelling } from '@attune/kernel/nearest';
import type { FastifyInstance } from 'fastify';

/** What to say to who asks for something that is not there: how else it is asked, or what there is that is near. Repeats nothing of what was asked. */
export type KnownRoutes = (method: string, url: string) => string;

/** Watches which routes an app gets from now on. */
export function knownRoutes(app: FastifyInstance): KnownRoutes {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set();
    for (const one of [method].flat()) if (!SILENT.includes(one)) methods.add(one);
    methodsOf.set(url, methods);
  });
  return (method, url) => {
    const [path = ''] = url.split('?');
    const methods = methodsOf.get(path);
    if (methods !== undefined && !methods.has(method)) return `It is asked by ${[...methods].join(' or ')}.`;
    const known = [...methodsOf].flatMap(([one, { size }]) => (size > 0 && !/[*:]/.test(one) ? [one] : []));
    return nearCall(path, known) ?? nearPath(path, known);
  };
}

/** Served beside others, and never what somebody looks for. */
const SILENT: readonly string[] = ['HEAD', 'OPTIONS'];

/** For `/<package>.<Service>/<Method>`: the methods of that service, or the services. */
function nearCall(path: string, known: readonly string[]): string | undefined {
  const [, service = '', method = ''] = /^\/(\w+(?:\.\w+)+)(?:\/(\w*))?$/.exec(path) ?? [];
  if (service === '') return undefined;
  const calls = known.flatMap((one) => {
    const [, of = '', name = ''] = /^\/(\w+(?:\.\w+)+)\/(\w+)$/.exec(one) ?? [];
    return of === '' ? [] : [{ of, name }];
  });
  const methods = calls.filter(({ of }) => of === service).map(({ name }) => name);
  if (methods.length > 0) return `${service} has ${methods.join(', ')}.${methods.length > 1 ? ` ${near(method, methods)}` : ''}`.trim();
  const services = [...new Set(calls.map(({ of }) => of))];
  return services.length === 0 ? undefined : `There is no such service here. ${spelling(service, services)}`;
}

function near(written: string, known: readonly string[]): string {
  const found = nearest(written, known);
  return found === undefined ? '' : `Did you mean ${found}?`;
}

const nearPath = (path: string, known: readonly string[]): string => near(path, known);
