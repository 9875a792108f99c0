package attune.peer;

import java.nio.ByteBuffer;

/** Whole numbers as zigzag varints, seven bits a byte. */
final class Varint {
  private Varint() {}

  static void write(ByteBuffer to, long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      to.put((byte) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    to.put((byte) rest);
  }

  static long read(ByteBuffer from) {
    long zigzag = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = from.get();
      zigzag |= (long) (next & 0x7f) << shift;
      if (next >= 0) return (zigzag >>> 1) ^ -(zigzag & 1);
    }
  }
}
