/**
 * The plain part of a message, as a template: what its <mj-text> and <mj-button> say, in order, with links written out.
 * Made once of the template, before any customer's data is in it.
 */
export function textTemplateOf(mjml: string): string {
  const parts: string[] = [];
  for (const [, tag, attributes = '', inner = ''] of mjml.matchAll(/<mj-(text|button)\b([^>]*)>([\s\S]*?)<\/mj-\1>/g)) {
    const said = plain(inner);
    const href = /\bhref="([^"]*)"/.exec(attributes)?.[1];
    parts.push(tag === 'button' && href !== undefined ? `${said}: ${decoded(href)}` : said);
  }
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The text between `<mj-title>` or `<mj-preview>` and its end, on one line; empty where there is none. */
export const headOf = (mjml: string, tag: 'mj-title' | 'mj-preview'): string =>
  decoded(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(mjml)?.[1] ?? '')
    .replace(/\s+/g, ' ')
    .trim();

function plain(html: string): string {
  const lined = html
    .replace(/\s+/g, ' ')
    .replace(/<a\b[^>]*\bhref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g, '$2 ($1)')
    .replace(/ ?<br\s*\/?> ?/g, '\n')
    .replace(/<\/p>\s*/g, '\n\n')
    .replace(/<\/?[a-z][^>]*>/gi, '');
  return decoded(lined).trim();
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', '#39': "'" };
const decoded = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos|nbsp|#39);/g, (whole, name: string) => entities[name] ?? whole);
