package attune.peer;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Folds a topic of JSON events, keyed by profile, into windowed counters: exactly once, RocksDB, a changelog, the cache on. It begins to measure at the record `warm` and says what
 * it took since when asked for `cost` on its input, in a line of JSON; it ends with its input.
 *
 * <p>Arguments: brokers, topic, application id, folder of its state, threads, warm.
 */
public final class WindowedCounters {
  private static final String STORE = "profiles";
  private static final AtomicLong folded = new AtomicLong();
  private static final OperatingSystemMXBean machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static volatile long cpuNs;
  private static volatile long wallNs;

  private WindowedCounters() {}

  public static void main(String[] args) throws IOException {
    long warm = Long.parseLong(args[5]);
    KafkaStreams streams = new KafkaStreams(topology(args[1], warm).build(), settings(args));
    streams.start();
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      if (line.equals("cost"))
        System.out.printf("{\"cpuS\":%f,\"wallS\":%f,\"folded\":%d}%n", (machine.getProcessCpuTime() - cpuNs) / 1e9, (System.nanoTime() - wallNs) / 1e9, folded.get() - warm);
    }
    streams.close(Duration.ofSeconds(10));
  }

  private static StreamsBuilder topology(String topic, long warm) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray()).withCachingEnabled());
    builder.<String, byte[]>stream(topic).process(() -> new Fold(warm), STORE);
    return builder;
  }

  private static Properties settings(String[] args) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[4]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    return settings;
  }

  /** One a task, which has one thread. */
  private static final class Fold extends ContextualProcessor<String, byte[], Void, Void> {
    private final long warm;
    private final Counters counters = new Counters();
    private KeyValueStore<String, byte[]> store;

    Fold(long warm) {
      this.warm = warm;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      super.init(context);
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, byte[]> record) {
      if (folded.getAndIncrement() == warm) {
        cpuNs = machine.getProcessCpuTime();
        wallNs = System.nanoTime();
      }
      try {
        store.put(record.key(), counters.fold(store.get(record.key()), Event.of(record.value())));
      } catch (IOException fault) {
        throw new UncheckedIOException(fault);
      }
    }
  }
}
