/** The topic that profiles are folded from; keyed by profile id. */
export const ACTIVITY = 'attune.activity.v1';

/** The topic that everything enters by; a profile keeps the place that it has folded of each partition. */
export const ACCEPTED = 'attune.accepted.v1';

/** The headers of records of attune.activity.v1. */
export const activityHeaders = { 'content-type': 'application/x-protobuf', type: 'attune.log.v1.Activity' };

/** The key of all records that activate a configuration; a profile id never looks like it. */
export const CONFIGURATION_RECORD = 'configuration';

/** The key of a customer's profile in the store. */
export const profileKey = (tenant: string, profileId: string): string => `${tenant}:profile:${profileId}`;

/** The key of what a partition keeps for all its profiles: the active configuration with its document. */
export const partitionKey = (tenant: string): string => `${tenant}:partition:state`;

/** The key of the version of that configuration, without the document: all that a read needs, nearly always. */
export const versionKey = (tenant: string): string => `${tenant}:partition:version`;

/** The profile id in a key of `profileKey`. */
export const profileIdOf = (key: string): string => key.slice(key.indexOf(':profile:') + ':profile:'.length);
