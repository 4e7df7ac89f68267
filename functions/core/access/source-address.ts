// From which address a request comes, to count bad credentials by. Law: a header is believed only where the front door has written it.

/** CloudFront writes it over whatever the viewer sent (lib/edge). */
export const VIEWER_HEADER = 'x-outcrop-viewer';

/** What the local server and Lambda hand to an app beside the request. */
type Surroundings = {
  incoming?: { socket?: { remoteAddress?: string } };
  event?: { requestContext?: { http?: { sourceIp?: string } } };
};

/** On one machine the socket's other end; on AWS the viewer as CloudFront saw him, or else whoever called the API directly. */
export function sourceAddressOf(surroundings: unknown, header: (name: string) => string | undefined): string | undefined {
  const { incoming, event } = (surroundings ?? {}) as Surroundings;
  if (incoming) return incoming.socket?.remoteAddress;
  return header(VIEWER_HEADER) ?? event?.requestContext?.http?.sourceIp;
}
