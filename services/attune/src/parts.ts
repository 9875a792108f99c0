import { join } from 'node:path';
import * as features from '@attune/feature-store/composition';
import * as ingestion from '@attune/ingestion/composition';
import * as notification from '@attune/notification/composition';
import * as scoring from '@attune/scoring/composition';
import type { Settings } from './config.ts';
import type { Host, Part } from './hosting.ts';

/** The door and the resolver, with what others call of them. */
export async function ingestionPart(
  { app, c, shared }: Host,
  { ATTUNE_WEB_ORIGINS: webOrigins }: Settings,
): Promise<Part & { readonly service: ingestion.Ingestion }> {
  const service = await ingestion.ingestionOn(app, c, { ...shared, webOrigins });
  const { processor } = service;
  const stage = { topic: ingestion.ACCEPTED, status: () => processor.status(), standing: () => processor.standing(), look: () => processor.look() };
  return { service, rpcs: service.rpcs, stages: [service.following, stage], stop: (graceMs) => service.stop(graceMs) };
}

/** The live profile, with what others call of it. */
export async function featureStorePart(
  { app, c, shared }: Host,
  calls: Pick<features.FeatureStoreOptions, 'resolve' | 'resolveMany' | 'acceptConsent' | 'acceptFact' | 'acceptErasure' | 'acceptTraits'>,
): Promise<Part & { readonly service: features.FeatureStore }> {
  const service = await features.featureStoreOn(app, c, { ...shared, ...calls });
  return { service, rpcs: service.rpcs, streams: service.streams, stages: [service.processor], stop: (graceMs) => service.stop(graceMs) };
}

/** Decisions, recommendations and predictions. @throws AttuneError CONFIGURATION_INVALID for a model file */
export async function scoringPart(
  { app, c, shared }: Host,
  calls: Pick<scoring.ScoringOptions, 'getProfile' | 'getFeatures' | 'isErased'>,
  models?: () => scoring.Models,
): Promise<Part> {
  const service = await scoring.scoringOn(app, c, { ...shared, ...calls, ...(models && { models: models() }) });
  return { rpcs: service.rpcs, stages: service.processors, stop: (graceMs) => service.stop(graceMs) };
}

/** Where messages lie and mails go. */
export interface MailOptions {
  readonly settings: Settings;
  readonly messagesFolder: string;
  /** Where customers reach this process, for links in mails; undefined = mails have none. */
  readonly publicUrl: () => string | undefined;
}

/** Messages. */
export async function notificationPart(
  { app, c, shared }: Host,
  calls: Pick<notification.NotificationOptions, 'getProfile' | 'getConsent' | 'recordConsent' | 'recordFact' | 'isErased'>,
  { settings, messagesFolder, publicUrl }: MailOptions,
): Promise<Part> {
  const { ATTUNE_SMTP_URL, ATTUNE_MAIL_FROM, ATTUNE_DATA_DIR } = settings;
  const service = await notification.notificationOn(app, c, {
    ...shared,
    ...calls,
    messagesFolder,
    publicUrl,
    mailFrom: ATTUNE_MAIL_FROM,
    outboxPath: join(ATTUNE_DATA_DIR, 'outbox.sqlite'),
    ...(ATTUNE_SMTP_URL === undefined ? {} : { smtpUrl: ATTUNE_SMTP_URL }),
  });
  return { rpcs: service.rpcs, stages: service.processors, stop: (graceMs) => service.stop(graceMs) };
}
