// Media as blocks of Converse, for a model that can see, read, watch or hear them. Pure.
import type { AudioFormat, ContentBlock, DocumentFormat, ImageFormat, VideoFormat } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { refuseSwitchedOff } from '../../platform/features.ts';
import type { MediaKind, MediaPart } from './message.ts';
import type { ModelAbilities, ModelFacts } from './model-facts.ts';

const ABILITY: Record<MediaKind, keyof ModelAbilities> = { image: 'vision', document: 'documents', video: 'video', audio: 'audio' };
const FEATURE = { image: 'vision', video: 'vision', document: 'documents', audio: null } as const satisfies Record<MediaKind, unknown>;
const PLURAL: Record<MediaKind, string> = { image: 'images', document: 'documents', video: 'videos', audio: 'audio' };
/** Vendors whose models read a file from S3 by themselves. */
const READS_S3 = new Set(['amazon', 'outcrop']);

/** Throws where the model cannot take the part. */
export function toMediaBlock(
  { media, path }: MediaPart,
  model: ModelFacts,
  documentName: (fileName: string | null) => string,
): ContentBlock {
  const { kind, format, source, name } = media;
  const feature = FEATURE[kind];
  if (feature) refuseSwitchedOff(model.switchedOff, feature, path);
  if (!model.abilities[ABILITY[kind]]) {
    throw new GatewayError('unsupported_value', `${path}: this model takes no ${PLURAL[kind]}.`, { param: path });
  }
  if ('s3Uri' in source && !READS_S3.has(model.vendor)) {
    throw new GatewayError('unsupported_value', `${path}: this model reads no s3:// files; send the bytes in a data: URL.`, {
      param: path,
    });
  }
  const from = 's3Uri' in source ? { s3Location: { uri: source.s3Uri } } : { bytes: source.bytes };
  if (kind === 'image') return { image: { format: format as ImageFormat, source: from } };
  if (kind === 'video') return { video: { format: format as VideoFormat, source: from } };
  if (kind === 'audio') return { audio: { format: format as AudioFormat, source: from } };
  return { document: { format: format as DocumentFormat, name: documentName(name), source: from } };
}
