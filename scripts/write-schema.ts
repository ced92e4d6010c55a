// Writes schema/tickloom.schema.json and tickloom.example.yaml from the one description of the configuration.
import { mkdirSync, writeFileSync } from 'node:fs';
import { exampleFile, jsonSchema } from '../src/app/config/documents.ts';

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
writeFileSync(new URL('../schema/tickloom.schema.json', import.meta.url), jsonSchema());
writeFileSync(new URL('../tickloom.example.yaml', import.meta.url), exampleFile());
