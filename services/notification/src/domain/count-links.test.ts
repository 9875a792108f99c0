import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withCountedLinks } from './count-links.ts';

const OUT = 'https://shop.example/u/tok';
const counted = (html: string, text = '') =>
  withCountedLinks({ html, text }, { urlOf: (target, place) => `https://a.example/c/${place}?${target.length}`, except: OUT });

test('what the page names by http or https is led through, the same target once, and the plain part alike', () => {
  const html =
    '<a class="b" href="https://x.example/?a=1&amp;b=2">one</a> <A HREF=\'http://y.example\'>two</A> <a href="https://x.example/?a=1&amp;b=2">again</a>';
  const text = 'one (https://x.example/?a=1&b=2), two: http://y.example. https://elsewhere.example';
  expect(counted(html, text)).toEqual({
    html: '<a class="b" href="https://a.example/c/1?26">one</a> <A HREF="https://a.example/c/2?16">two</A> <a href="https://a.example/c/1?26">again</a>',
    text: 'one (https://a.example/c/1?26), two: https://a.example/c/2?16. https://elsewhere.example',
  });
});

test('the link to unsubscribe, anchors, addresses, words, images and what is too long stay as they are', () => {
  const parts = [
    `<a href="${OUT}">out</a>`,
    `<a href="${OUT}?x=1">out</a>`,
    '<a href="#top">up</a><a href="mailto:a@b.example">write</a><a href="tel:1">call</a><a href="javascript:alert(1)">no</a><a href="//far.example">far</a>',
    '<img src="https://x.example/i.png"><p>https://x.example</p><a name="x">y</a><area href="https://x.example">',
    `<a href="https://x.example/${'y'.repeat(1_300)}">long</a>`,
  ].join('');
  expect(counted(parts, `bye ${OUT}`)).toEqual({ html: parts, text: `bye ${OUT}` });
});

test('where there is no address for links nothing changes, whatever the mail holds', () => {
  fc.assert(
    fc.property(fc.string(), fc.webUrl({ withQueryParameters: true }), fc.string(), (before, url, after) => {
      const mail = { html: `${before}<a href="${url}">${after}</a>`, text: `${before} ${url} ${after}` };
      expect(withCountedLinks(mail, { urlOf: () => undefined })).toEqual(mail);
    }),
  );
});
