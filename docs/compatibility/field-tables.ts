// The tables of fields and of messages: each row tried on a model of every family, families that fare alike told together.
import { FAMILIES } from './families.ts';
import { shown, table } from './markdown.ts';
import { MESSAGES } from './message-probes.ts';
import { contentOutcomeOf, type Outcome, outcomeOf, type Probe } from './probe.ts';
import { FIELDS } from './probes.ts';

const NOTHING = 'nothing';

export function fieldTables(): string {
  return Object.entries(FIELDS)
    .map(([group, probes]) => `### ${group}\n\n${table(['Field', 'Example', 'What becomes of it', ''], probes.map(fieldRow))}`)
    .join('\n\n');
}

function fieldRow(probe: Probe): string[] {
  const kind = probe.isHeader ? ' (header)' : probe.isExtension ? ' (extension)' : '';
  const happens = byFamily((model) => told(outcomeOf(probe, model)));
  return [`\`${probe.field}\`${kind}`, probe.shown ?? shown(probe.value), happens, probe.note ?? ''];
}

export function messageTable(): string {
  const rows = MESSAGES.map(({ what, note = '', ...probe }) => [
    what,
    byFamily((model) => contentTold(contentOutcomeOf(probe, model))),
    note,
  ]);
  return table(['What', 'What becomes of it', ''], rows);
}

function told(outcome: Outcome): string {
  if (outcome.kind === 'refused') return `400 \`${outcome.code}\``;
  if (outcome.kind === 'ignored') return NOTHING;
  const warning =
    'warnings' in outcome && outcome.warnings.length > 0 ? `warning “${outcome.warnings.map(withoutField).join('”, “')}”` : '';
  if (outcome.kind === 'dropped') return `left out, ${warning}`;
  return [`→ ${pathsOf(outcome.paths)}`, warning].filter(Boolean).join(', ');
}

function contentTold(outcome: Outcome): string {
  if (outcome.kind === 'mapped' || outcome.kind === 'adapted') {
    const warning = outcome.warnings.length > 0 ? `, warning “${outcome.warnings.map(withoutField).join('”, “')}”` : '';
    return `→ ${pathsOf(outcome.paths)}${warning}`;
  }
  return told(outcome);
}

function pathsOf(paths: string[]): string {
  return paths.map((path) => `\`${path.replace('additionalModelRequestFields', 'additional')}\``).join(', ');
}

function withoutField(warning: string): string {
  return warning.slice(warning.indexOf(';') + 1);
}

const CLAUDE = FAMILIES.filter(({ model }) => model.vendor === 'anthropic');

/** What is said of few families first, by their names; then of all the others. */
function byFamily(say: (model: (typeof FAMILIES)[number]['model']) => string): string {
  const groups = [...Map.groupBy(FAMILIES, ({ model }) => say(model))].sort(([, a], [, b]) => a.length - b.length);
  if (groups.length === 1) return groups[0]![0];
  return groups
    .map(([said, families], index) => `**${index === groups.length - 1 ? 'the others' : namesOf(families)}** ${said}`)
    .join('<br>');
}

function namesOf(families: typeof FAMILIES): string {
  const hasAllClaude = CLAUDE.every((family) => families.includes(family));
  const named = hasAllClaude ? families.filter((family) => !CLAUDE.includes(family)) : families;
  return [...(hasAllClaude ? ['Claude'] : []), ...named.map(({ name }) => name)].join(' · ');
}
