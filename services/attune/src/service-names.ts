/** The services that can run in a process of their own. */
export const SERVICES = ['ingestion', 'feature-store', 'scoring', 'notification'] as const;
export type ServiceName = (typeof SERVICES)[number];
