package attune.peer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The windowed counters of one profile: how often, and how much, for each event and window. One is used again for profile after profile of a task. */
final class Counters {
  private static final List<String> EVENTS = List.of("Viewed", "Bought", "Returned");
  private static final long HOUR_MS = 3_600_000;
  private static final long[] WINDOWS_MS = {HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS};

  private final List<Tally> all = new ArrayList<>();
  private final Map<String, List<Tally>> countsOf = new java.util.HashMap<>();
  private final Map<String, List<Tally>> sumsOf = new java.util.HashMap<>();
  private ByteBuffer room = ByteBuffer.allocate(65_536);

  Counters() {
    for (String event : EVENTS) {
      for (long windowMs : WINDOWS_MS) {
        Tally count = new Tally(windowMs);
        Tally sum = new Tally(windowMs);
        countsOf.computeIfAbsent(event, ignored -> new ArrayList<>()).add(count);
        sumsOf.computeIfAbsent(event, ignored -> new ArrayList<>()).add(sum);
        all.add(count);
        all.add(sum);
      }
    }
  }

  /** The state with the event, as bytes; `state` is null before the first. */
  byte[] fold(byte[] state, Event event) {
    ByteBuffer from = state == null ? null : ByteBuffer.wrap(state);
    for (Tally tally : all) {
      if (from == null) tally.read(ByteBuffer.wrap(new byte[1]));
      else tally.read(from);
    }
    for (Tally count : countsOf.getOrDefault(event.name(), List.of())) count.add(event.timestampMs(), 1);
    for (Tally sum : sumsOf.getOrDefault(event.name(), List.of())) sum.add(event.timestampMs(), event.total());
    room.clear();
    for (Tally tally : all) tally.write(room);
    byte[] bytes = new byte[room.position()];
    room.flip().get(bytes);
    return bytes;
  }
}
