package attune.peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** What the counters read of an event: its name, when it happened, and how much it was worth in hundredths. */
record Event(String name, long timestampMs, long total) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Reads `{"event": …, "timestampMs": …, "total": …}` by Jackson's streaming parser, the fastest way it has. */
  static Event of(byte[] json) throws IOException {
    String name = "";
    long timestampMs = 0;
    long total = 0;
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "event" -> name = parser.getText();
          case "timestampMs" -> timestampMs = parser.getLongValue();
          case "total" -> total = Math.round(parser.getDoubleValue() * 100);
          default -> parser.skipChildren();
        }
      }
    }
    return new Event(name, timestampMs, total);
  }
}
