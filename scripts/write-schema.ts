// Writes schema/tickloom.schema.json, schema/events.schema.json, tickloom.example.yaml and the table in docs/configuration.md from the one
// description of the configuration.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ServerEventSchema } from '../src/api/index.ts';
import { configurationTable, exampleFile, jsonSchema } from '../src/app/config/index.ts';

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
writeFileSync(new URL('../schema/tickloom.schema.json', import.meta.url), jsonSchema());
const events = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'What Tickloom sends on /ws: one event a frame',
  ...ServerEventSchema,
};
writeFileSync(new URL('../schema/events.schema.json', import.meta.url), `${JSON.stringify(events, null, 2)}\n`);
writeFileSync(new URL('../tickloom.example.yaml', import.meta.url), exampleFile());

const page = new URL('../docs/configuration.md', import.meta.url);
const marked = /(<!-- keys -->\n)[\s\S]*(\n<!-- \/keys -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(marked, (_, from, to) => `${from}${configurationTable()}${to}`),
);
