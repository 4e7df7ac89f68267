// What ends a command early, and the exit codes. Law: a message is a sentence for people and holds no secret.

export const EXIT = { ok: 0, failure: 1, usage: 2, notAuthorised: 3, notFound: 4, interrupted: 130 } as const;

export type FailureDetails = {
  exitCode?: number;
  /** What would do. */
  hint?: string;
  /** Of the gateway's answer. */
  status?: number;
  requestId?: string;
  errors?: { path: string; message: string }[];
};

/** Anything else that is thrown is a bug. */
export class CommandError extends Error {
  readonly code: string;
  readonly details: FailureDetails;

  constructor(code: string, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.details = details;
  }

  get exitCode(): number {
    return this.details.exitCode ?? EXIT.failure;
  }
}

/** The command line is wrong; nothing was asked of a gateway. */
export function usageError(message: string, hint?: string): CommandError {
  return new CommandError('usage', message, { exitCode: EXIT.usage, hint });
}

/** For programs, with `--json`. */
export function toErrorJson(error: CommandError): object {
  const { code, message, exitCode } = error;
  const { hint, status, requestId, errors } = error.details;
  return { error: { code, message, exitCode, ...{ hint, status, requestId, errors } } };
}

/** For people: the sentence, what would do, and the id that finds the gateway's log entry. */
export function toErrorText({ message, details: { hint, requestId } }: CommandError): string {
  const lines = [message, ...(hint ? [hint] : []), ...(requestId ? [`Request ${requestId}`] : [])];
  return `${lines.join('\n')}\n`;
}
