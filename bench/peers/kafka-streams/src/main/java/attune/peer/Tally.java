package attune.peer;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Whole amounts per tile of a sliding window, with Attune's edges: minutes for windows up to two hours, hours up to seven days, UTC days above; tiles are kept a
 * day longer than the window. Ascending by index.
 */
final class Tally {
  private static final long MINUTE_MS = 60_000;
  private static final long HOUR_MS = 60 * MINUTE_MS;
  private static final long DAY_MS = 24 * HOUR_MS;

  private final long windowMs;
  private final long tileMs;
  private long newestMs = Long.MIN_VALUE;
  private int size;
  private long[] indexes = new long[4];
  private long[] amounts = new long[4];

  Tally(long windowMs) {
    this.windowMs = windowMs;
    this.tileMs = windowMs <= 2 * HOUR_MS ? MINUTE_MS : windowMs <= 7 * DAY_MS ? HOUR_MS : DAY_MS;
  }

  void add(long atMs, long amount) {
    long index = Math.floorDiv(atMs, tileMs);
    int place = size;
    while (place > 0 && indexes[place - 1] > index) place--;
    if (place > 0 && indexes[place - 1] == index) amounts[place - 1] += amount;
    else insert(place, index, amount);
    newestMs = Math.max(newestMs, atMs);
    prune();
  }

  private void insert(int place, long index, long amount) {
    if (size == indexes.length) {
      indexes = Arrays.copyOf(indexes, 2 * size);
      amounts = Arrays.copyOf(amounts, 2 * size);
    }
    System.arraycopy(indexes, place, indexes, place + 1, size - place);
    System.arraycopy(amounts, place, amounts, place + 1, size - place);
    indexes[place] = index;
    amounts[place] = amount;
    size++;
  }

  private void prune() {
    long first = Math.floorDiv(newestMs - DAY_MS - windowMs, tileMs);
    int gone = 0;
    while (gone < size && indexes[gone] < first) gone++;
    if (gone == 0) return;
    System.arraycopy(indexes, gone, indexes, 0, size - gone);
    System.arraycopy(amounts, gone, amounts, 0, size - gone);
    size -= gone;
  }

  void write(ByteBuffer to) {
    Varint.write(to, size);
    if (size == 0) return;
    Varint.write(to, newestMs);
    long before = 0;
    for (int i = 0; i < size; i++) {
      Varint.write(to, indexes[i] - before);
      Varint.write(to, amounts[i]);
      before = indexes[i];
    }
  }

  void read(ByteBuffer from) {
    int length = (int) Varint.read(from);
    size = 0;
    newestMs = length == 0 ? Long.MIN_VALUE : Varint.read(from);
    long index = 0;
    for (int i = 0; i < length; i++) {
      index += Varint.read(from);
      insert(size, index, Varint.read(from));
    }
  }
}
