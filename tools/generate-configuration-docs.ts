// Writes docs/attune.schema.json and docs/configuration.md from the schema, the kinds of features and the settings. usage: npm run docs:configuration
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type JsonSchema, jsonSchemaOf } from '@attune/configuration/schema-json';
import { featureKindSpecs } from '@attune/feature-store/composition';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';

/** What the page is made from. */
export interface ConfigurationSources {
  readonly kinds: readonly FeatureKindSpec[];
  /** The text of an attune.yaml whose sections serve as examples. */
  readonly example: string;
  /** The source of the settings. */
  readonly settings: string;
}

/** The sources as they stand in the repository. */
export const sourcesInRepository = (): ConfigurationSources => ({
  kinds: featureKindSpecs,
  example: readFileSync('examples/gift-barn/attune.yaml', 'utf8'),
  settings: readFileSync('services/attune/src/config.ts', 'utf8'),
});

/** The page: one section a word of the document in its order, one a kind of feature, then conditions and settings. */
export function configurationPage({ kinds, example, settings }: ConfigurationSources): string {
  const { properties = {}, required = [] } = jsonSchemaOf(kinds);
  const sections = Object.entries(properties).flatMap(([word, schema]) =>
    typeof schema === 'object' ? [section(word, { schema, required: required.includes(word), example: blockOf(word, example) })] : [],
  );
  return [HEAD, ...sections, CONDITIONS, SETTINGS_HEAD + table(['setting', 'default', 'what'], settingsIn(settings).map(settingRow))].join('\n');
}

/** Every ATTUNE_ and OTEL_ setting of the source with its default as it is written there and what it says of itself. @throws Error for one that says nothing */
export function settingsIn(source: string): readonly { readonly name: string; readonly byDefault: string | undefined; readonly doc: string }[] {
  return source.split(/^(?= {2}(?:ATTUNE|OTEL)_\w+:)/m).flatMap((text) => {
    const name = /^ {2}((?:ATTUNE|OTEL)_\w+):/.exec(text)?.[1];
    if (name === undefined) return [];
    const doc = /\.describe\(\s*(['"`])(.*?)\1,?\s*\)/s.exec(text)?.[2];
    if (doc === undefined) throw new Error(`${name} has no description.`);
    return [{ name, byDefault: /\.default\((.*?)\)/.exec(text)?.[1]?.replaceAll("'", ''), doc }];
  });
}

interface Section {
  readonly schema: JsonSchema;
  readonly required: boolean;
  readonly example: string;
}

function section(word: string, { schema, required, example }: Section): string {
  const absent = required ? 'Required.' : `May be absent${schema.default === undefined ? '' : ` (${asText(schema.default)})`}.`;
  const kinds = (childOf(schema)?.anyOf ?? []).flatMap((kind) => (typeof kind === 'object' && kind.title !== undefined ? [kindSection(kind)] : []));
  return [
    `## ${word}\n\n${schema.description} ${absent} Written as ${typeOf(schema)}.\n`,
    ...wordTable(schema),
    ...kinds,
    ...(example === '' ? [] : [`\`\`\`yaml\n${example}\n\`\`\`\n`]),
  ].join('\n');
}

function kindSection(kind: JsonSchema): string {
  const written = Object.keys(kind.properties ?? {}).filter((word) => kind.required?.includes(word));
  return [`### ${kind.title}\n\n${kind.description} \`{ ${written.map((word) => `${word}: …`).join(', ')} }\`\n`, ...wordTable(kind)].join('\n');
}

function wordTable(schema: JsonSchema): readonly string[] {
  const words = rows(schema, '').map(([path, ...more]) => [code(path), ...more]);
  return words.length === 0 ? [] : [table(['word', 'type', 'default', 'what'], words)];
}

type Row = readonly [path: string, type: string, byDefault: string, what: string];

/** One row a word below a schema. A name that a person chooses stands as <name>, an entry of a list as []. */
function rows(schema: JsonSchema, prefix: string): readonly Row[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([word, below]): readonly Row[] => {
    if (typeof below !== 'object') return [];
    const byDefault = schema.required?.includes(word) ? 'required' : below.default === undefined ? '' : asText(below.default);
    return [[`${prefix}${word}`, typeOf(below), byDefault, below.description ?? ''], ...rows(below, `${prefix}${word}.`)];
  });
  const [child, items] = [childOf(schema), schema.items];
  const forms = (schema.anyOf ?? []).flatMap((form) => (typeof form === 'object' && form.title === undefined ? rows(form, prefix) : []));
  if (forms.length > 0) return [...own, ...forms];
  if (child !== undefined) return [...own, ...rows(child, `${prefix}<name>.`)];
  return typeof items === 'object' && !Array.isArray(items) ? [...own, ...rows(items, `${prefix.replace(/\.$/, '')}[].`)] : own;
}

const childOf = ({ additionalProperties: child }: JsonSchema): JsonSchema | undefined => (typeof child === 'object' ? child : undefined);

function typeOf(schema: JsonSchema | boolean | undefined): string {
  if (typeof schema !== 'object') return 'anything';
  const { title, enum: words, const: only, type, anyOf, items, minimum, maximum } = schema;
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (only !== undefined) return asText(only);
  if (words !== undefined) return words.map((word) => code(String(word))).join(', ');
  if (type === 'array') return `list of ${Array.isArray(items) ? 'anything' : plural(typeOf(items))}`;
  if (type === 'object') return schema.properties === undefined ? 'a mapping of names' : 'a mapping';
  if (type === 'string') return title ?? 'text';
  const bounds = [minimum === undefined ? [] : `from ${minimum}`, maximum === undefined || maximum > 1e9 ? [] : `to ${maximum}`].flat().join(' ');
  return `${type === 'integer' ? 'whole number' : type === 'boolean' ? 'true or false' : 'number'}${bounds === '' ? '' : ` ${bounds}`}`;
}

const plural = (type: string): string => ({ text: 'texts', 'a mapping': 'mappings' })[type] ?? type;
const asText = (value: unknown): string => code(JSON.stringify(value).replaceAll('"', '').replaceAll(':', ': '));
const code = (text: string): string => `\`${text}\``;
const settingRow = ({ name, byDefault, doc }: ReturnType<typeof settingsIn>[number]): string[] => [
  code(name),
  byDefault === undefined ? '' : code(byDefault),
  doc,
];

const table = (headings: readonly string[], lines: readonly (readonly string[])[]): string =>
  `${[headings, headings.map(() => '---'), ...lines].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;

/** The lines of a section of the example. */
function blockOf(word: string, example: string): string {
  const lines = example.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`${word}:`));
  if (from < 0) return '';
  const more = lines.slice(from + 1).findIndex((line) => /^\S/.test(line));
  return lines
    .slice(from, more < 0 ? lines.length : from + 1 + more)
    .join('\n')
    .trim();
}

const HEAD = `# Configuration

Generated by \`npm run docs:configuration\` from the schema (\`libs/configuration/src/schema.ts\`), the kinds of features (\`services/feature-store/src/domain/features/\`) and
the settings (\`services/attune/src/config.ts\`): edit those, not this page.

One file, \`attune.yaml\`, says everything. Templates of messages lie in the folder \`messages\` beside it. \`npm run attune -- check <file>\` names each mistake with file, line, fault
and fix. A process reads the file at its start; its version is the SHA-256 of its text. It has at most 512 Ki characters and 24 levels.

An editor that speaks to the YAML language server checks while you type. It finds [the JSON Schema](attune.schema.json) by a comment in the file:
\`# yaml-language-server: $schema=<path>/docs/attune.schema.json\`. Names, conditions, and which words go together are left to \`attune check\`.

**Written values.** A *duration* is a whole number with \`s\`, \`m\`, \`h\`, \`d\` or \`y\` (365 days), such as \`90d\`, at most 100 years. A *percentage* is \`0%\` to \`100%\`. A *time of day* stands in
quotes: \`"21:00"\`. A *name* that you choose (\`<name>\` below) has lower case letters, digits and underscores, begins with a letter, and has at most 64 characters; names of events
and fields are free. [Kinds of features](features.md) says what each kind keeps and how exact it is. An unknown word is an error. An empty default means: absent.

The examples are those of [the demo shop](../examples/gift-barn/attune.yaml).
`;

const CONDITIONS = `## Conditions

\`segments\`, \`offers.<name>.who\` and \`campaigns.<name>.choose.by\` are written in [CEL](https://cel.dev) and type-checked. A condition has at most 2,000 characters and 24 levels.

- \`features.<name>.where\` is one too: a bare name there is a declared field of the event that is a number, a text, or true or false; traits and segments cannot be named.
- Elsewhere a bare name is a feature, \`traits.<name>\` a trait. A rule of an offer or campaign may also ask \`"vip" in segments\`; a segment may not.
- Whole numbers and numbers with decimals may stand together. A trait of type \`time\` is ms since 1970.
- \`days(30)\`, \`hours(2)\`, \`minutes(5)\` and \`seconds(1)\` compare with a feature that has a \`unit\`.
- A value that is missing or withheld makes what reads it unknown, and an unknown condition does not hold. \`false && unknown\` is false; \`!unknown\` is unknown.
- Refused are \`matches\` (a regular expression can run for minutes), \`cel.bind\`, a loop inside a loop, and every sensitive trait.
`;

const SETTINGS_HEAD = `## Settings

Settings of the process are environment variables. A name that begins with \`ATTUNE_\` and is not known stops the start.

`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sources = sourcesInRepository();
  writeFileSync('docs/attune.schema.json', `${JSON.stringify(jsonSchemaOf(sources.kinds), null, 2)}\n`);
  writeFileSync('docs/configuration.md', configurationPage(sources));
}
