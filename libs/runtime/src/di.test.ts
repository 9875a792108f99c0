import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adapter, type Container, get, newContainer, port, shutdown, value } from './di.ts';

interface Named {
  readonly name: string;
}

const CLOCK = port<Named>('clock');
const STORE = port<Named>('store');

const named = (name: string): Named => ({ name });

/** Registers `count` collaborators, each asking for the ones that `needs` lists among those before it, and notes the order of making and closing. */
function chained(container: Container, needs: readonly (readonly number[])[]) {
  const ports = needs.map((_, at) => port<Named>(`part ${at}`));
  const made: string[] = [];
  const closed: string[] = [];
  needs.forEach((wanted, at) => {
    const make = (from: Container): Named => {
      for (const index of wanted) if (index < at) get(from, ports[index] ?? CLOCK);
      made.push(`${at}`);
      return named(`${at}`);
    };
    adapter(container, ports[at] ?? CLOCK, make, async (it) => {
      await Promise.resolve();
      closed.push(it.name);
    });
  });
  return { ports, made, closed };
}

test('whatever needs what, collaborators are closed in reverse order of making', async () => {
  const needs = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(needs, fc.infiniteStream(fc.nat(7)), async (graph, order) => {
      const container = newContainer();
      const { ports, made, closed } = chained(container, graph);
      for (const at of order.take(graph.length)) get(container, ports[at % ports.length] ?? CLOCK);
      await shutdown(container);
      expect(closed).toEqual(made.toReversed());
      expect(new Set(made).size).toBe(made.length);
    }),
  );
});

test('a fake in a child does not leak into its parent', () => {
  const parent = newContainer();
  value(parent, CLOCK, named('real'));
  adapter(parent, STORE, (container) => named(`store with ${get(container, CLOCK).name} clock`));
  const child = newContainer(parent);
  value(child, CLOCK, named('fake'));
  expect(get(child, STORE).name).toBe('store with fake clock');
  expect(get(parent, STORE).name).toBe('store with real clock');
});

test('shutting down a child leaves what its parent made open', async () => {
  const closed: string[] = [];
  const parent = newContainer();
  adapter(
    parent,
    CLOCK,
    () => named('clock'),
    (it) => void closed.push(it.name),
  );
  get(parent, CLOCK);
  await shutdown(newContainer(parent));
  expect(closed).toEqual([]);
  await shutdown(parent);
  expect(closed).toEqual(['clock']);
});

test('a collaborator that nobody asked for is neither made nor closed', async () => {
  const container = newContainer();
  const { made, closed } = chained(container, [[], []]);
  await shutdown(container);
  expect([...made, ...closed]).toEqual([]);
});

test('one that fails to close does not keep the others open', async () => {
  const closed: string[] = [];
  const container = newContainer();
  adapter(
    container,
    CLOCK,
    () => named('clock'),
    (it) => void closed.push(it.name),
  );
  adapter(
    container,
    STORE,
    () => named('store'),
    () => {
      throw new Error('planted');
    },
  );
  get(container, CLOCK);
  get(container, STORE);
  await expect(shutdown(container)).rejects.toMatchObject({ errors: [new Error('planted')] });
  expect(closed).toEqual(['clock']);
});

test('a port that nobody registered is named in the error, and a closed container answers no more', async () => {
  const container = newContainer();
  expect(() => get(container, CLOCK)).toThrow('clock');
  await shutdown(container);
  expect(() => get(container, CLOCK)).toThrow('disposed');
});

test('two ports of one name are two ports', () => {
  const container = newContainer();
  value(container, CLOCK, named('mine'));
  expect(() => get(container, port<Named>('clock'))).toThrow();
});
