// What a translation changed, to be told in a header. Law: ASCII without commas, and never a value the client sent.
import { GatewayError } from '../../platform/errors.ts';

export type Warnings = {
  /** A field does not reach the model as it was sent. When the caller asked for strictness this is an error. */
  drop(field: string, reason: string): void;
  /** A repair of the conversation, which must not end it: never an error. */
  note(field: string, reason: string): void;
  list(): string[];
};

/** Headers have limits; who reads twenty warnings has seen enough. */
const MAX_WARNINGS = 20;

export function createWarnings(strict: boolean): Warnings {
  const warnings = new Set<string>();
  const note = (field: string, reason: string) => {
    if (warnings.size < MAX_WARNINGS) warnings.add(`${field};${reason}`);
  };
  return {
    drop(field, reason) {
      if (strict) throw new GatewayError('unsupported_parameter', `${field} cannot be used as sent: ${reason}.`, { param: field });
      note(field, reason);
    },
    note,
    list: () => [...warnings],
  };
}
