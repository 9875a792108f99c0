import { expect, test } from 'vitest';
import { type BarStream, progressBar } from './progress-bar.ts';

function written(stream: Omit<BarStream, 'write'>): string[] {
  const texts: string[] = [];
  const show = progressBar({ ...stream, write: (text) => texts.push(text) });
  const at = (atMs: number, done: boolean): void => show({ fromMs: 0, toMs: 1_000, atMs, publishedEvents: atMs, totalEvents: 1_000, done });
  for (let atMs = 0; atMs <= 1_000; atMs++) at(atMs, false);
  at(1_000, true);
  return texts;
}

test('a terminal sees one line that is rewritten at each percent', () => {
  const texts = written({ isTTY: true, columns: 60 });
  expect(texts).toHaveLength(101);
  expect(texts.every((text) => text.startsWith('\r') && text.length < 70)).toBe(true);
  expect(texts.filter((text) => text.includes('\n'))).toEqual([texts.at(-1)]);
});

test('a narrow terminal is not wrapped', () => {
  for (const text of written({ isTTY: true, columns: 34 })) expect(text.replace('\r', '').replace('\x1b[K', '').trimEnd().length).toBeLessThan(34);
});

test('a file sees a line every tenth', () => {
  const texts = written({});
  expect(texts).toHaveLength(11);
  expect(texts[3]).toBe('replay:  30 % 1970-01-01 300 events\n');
  expect(texts.at(-1)).toMatch(/^replay: 100 %.*\n$/);
});
