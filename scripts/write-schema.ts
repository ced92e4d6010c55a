// Writes schema/tickloom.schema.json, tickloom.example.yaml and the table in docs/configuration.md from the one
// description of the configuration.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { configurationTable, exampleFile, jsonSchema } from '../src/app/config/index.ts';

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
writeFileSync(new URL('../schema/tickloom.schema.json', import.meta.url), jsonSchema());
writeFileSync(new URL('../tickloom.example.yaml', import.meta.url), exampleFile());

const page = new URL('../docs/configuration.md', import.meta.url);
const marked = /(<!-- keys -->\n)[\s\S]*(\n<!-- \/keys -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(marked, (_, from, to) => `${from}${configurationTable()}${to}`),
);
