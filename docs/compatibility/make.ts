// Makes docs/compatibility.md (`npm run compatibility`): what is said there of fields and models is tried out by the code itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EMBED_FAMILIES } from '../../functions/core/bedrock/embed-families.ts';
import { abilitiesTable, EMBEDDINGS, exceptions } from './families.ts';
import { fieldTables, messageTable } from './field-tables.ts';
import { table } from './markdown.ts';

export const PAGE = new URL('../compatibility.md', import.meta.url);
const FRAME = new URL('frame.md', import.meta.url);

/** Place in the frame → what stands there. */
const PARTS: Record<string, () => string> = {
  fields: fieldTables,
  messages: messageTable,
  abilities: abilitiesTable,
  exceptions,
  embeddings: embeddingsTable,
};

export function makePage(): string {
  return readFileSync(FRAME, 'utf8').replace(/^\{\{(\w+)\}\}$/gm, (_place, name: string) => {
    const part = PARTS[name];
    if (!part) throw new Error(`frame.md has a place for ${name}, which nothing makes.`);
    return part();
  });
}

function embeddingsTable(): string {
  const rows = EMBEDDINGS.map(({ name, family, models }) => {
    const { dimensions, textsPerCall, takesInputType } = EMBED_FAMILIES[family]!;
    const lengths = dimensions.length > 0 ? dimensions.join(', ') : '400, its vectors have one length';
    return [
      name,
      models.map((model) => `\`${model}\``).join(', '),
      lengths,
      takesInputType ? 'yes' : 'left out, warning',
      String(textsPerCall),
    ];
  });
  return table(['Family', 'Models', '`dimensions`', '`input_type` (extension)', 'Texts per call upstream'], rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, makePage());
