// What every request of this dialect begins with: an object that names a model. Pure.
import { GatewayError } from '../../platform/errors.ts';
import { type Body, invalid, shown } from './fields.ts';

export function parseBody(body: unknown): Body {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
  throw invalid('', `The body must be a JSON object, not ${shown(body)}.`);
}

export function parseModelName({ model }: Body): string {
  if (model === undefined || model === null || model === '') {
    throw new GatewayError('missing_required_parameter', 'You must provide a model parameter.', { param: 'model' });
  }
  if (typeof model !== 'string') throw invalid('model', `model must be a string, not ${shown(model)}.`);
  return model;
}
