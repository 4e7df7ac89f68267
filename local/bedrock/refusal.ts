// An error as Bedrock utters it: an exception type, its HTTP status and a message.

const STATUS: Record<string, number> = {
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  InternalServerException: 500,
  MissingAuthenticationTokenException: 403,
  ModelErrorException: 424,
  ModelNotReadyException: 429,
  ModelStreamErrorException: 424,
  ModelTimeoutException: 408,
  ResourceNotFoundException: 404,
  SerializationException: 400,
  ServiceQuotaExceededException: 400,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  UnknownOperationException: 404,
  ValidationException: 400,
};

export class Refusal extends Error {
  readonly type: string;
  readonly status: number;
  readonly fields: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(type: string, message: string, more: { fields?: Record<string, unknown>; headers?: Record<string, string> } = {}) {
    super(message);
    this.type = type;
    this.status = STATUS[type] ?? 500;
    this.fields = more.fields ?? {};
    this.headers = more.headers ?? {};
  }
}

export function invalid(message: string): Refusal {
  return new Refusal('ValidationException', message);
}

/** The shape of the API's own constraint checks, as opposed to the model's. */
export function violated(path: string, value: unknown, constraint: string): Refusal {
  return invalid(
    `1 validation error detected: Value '${String(value)}' at '${path}' failed to satisfy constraint: Member must ${constraint}`,
  );
}
