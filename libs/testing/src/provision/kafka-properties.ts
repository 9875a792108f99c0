export interface KafkaPlace {
  readonly dir: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** The settings of a one-node broker for tests: one replica of everything, and no waiting for members that may still come. */
export const kafkaProperties = ({ dir, port, controllerPort }: KafkaPlace): string =>
  lines({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': `${dir}/data`,
    ...kafkaTestSettings,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.segment.bytes': 67_108_864,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  });

/** What a broker for tests needs wherever it runs. A mistyped topic fails instead of appearing. */
export const kafkaTestSettings = {
  'auto.create.topics.enable': false,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1000,
} as const;

/** Quiet but for the one line that says the broker serves. */
export const kafkaLogging: string = lines({
  status: 'error',
  'appender.out.type': 'Console',
  'appender.out.name': 'out',
  'appender.out.layout.type': 'PatternLayout',
  'appender.out.layout.pattern': '%d %p %c - %m%n',
  'rootLogger.level': 'warn',
  'rootLogger.appenderRef.out.ref': 'out',
  'logger.server.name': 'kafka.server.KafkaRaftServer',
  'logger.server.level': 'info',
});

function lines(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
