package holdfast.amqp091.codec;

import java.util.List;

/// A property list of class basic: which properties are there, then their values in that order.
///
/// ```
/// bit   15  14  13  12  11  10   9   8   7   6   5   4   3   2   1   0
///     +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
///     | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |10 |11 |12 |13 | - | c |  then the values
///     +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
/// ```
///
/// Bit c would announce more flags, but the class has no more properties. All values are short
/// strings but for the headers (a table), delivery mode and priority (an octet each) and the
/// timestamp (64 bits).
final class PropertyLayout {
  static final int CONTENT_TYPE = 0;
  static final int CONTENT_ENCODING = 1;
  static final int HEADERS = 2;
  static final int DELIVERY_MODE = 3;
  static final int PRIORITY = 4;
  static final int CORRELATION_ID = 5;
  static final int REPLY_TO = 6;
  static final int EXPIRATION = 7;
  static final int MESSAGE_ID = 8;
  static final int TIMESTAMP = 9;
  static final int TYPE = 10;
  static final int USER_ID = 11;
  static final int APP_ID = 12;
  static final int CLUSTER_ID = 13;
  static final int COUNT = 14;

  static final int FLAG_BYTES = 2;
  private static final int CONTINUATION = 1;
  private static final int UNUSED = 2;

  private static final List<String> NAMES =
      List.of(
          "content-type",
          "content-encoding",
          "headers",
          "delivery-mode",
          "priority",
          "correlation-id",
          "reply-to",
          "expiration",
          "message-id",
          "timestamp",
          "type",
          "user-id",
          "app-id",
          "cluster-id");

  private PropertyLayout() {}

  static int flag(int property) {
    return 0x8000 >>> property;
  }

  static int flags(byte[] raw) {
    return Octets.uint16(raw, 0);
  }

  /// Checks a whole list as it came from a peer and gives the delivery mode, 1 if there is none.
  /// Allocates nothing unless there are headers. Short strings need not be UTF-8: some clients put
  /// a binary id there, and the broker only passes them on.
  static int check(byte[] raw) {
    if (raw.length < FLAG_BYTES) {
      throw ProtocolException.syntax("property list without flags");
    }
    int flags = flags(raw);
    if ((flags & CONTINUATION) != 0) {
      throw ProtocolException.syntax("property flags continue, but class basic has no more");
    }
    if ((flags & UNUSED) != 0) {
      throw ProtocolException.syntax("property flag for a property that class basic does not have");
    }
    int deliveryMode = 1;
    int at = FLAG_BYTES;
    for (int property = 0; property < COUNT; property++) {
      if ((flags & flag(property)) != 0) {
        int end = at + size(raw, at, property);
        if (property == HEADERS) {
          FieldTable.check(raw, at, end);
        } else if (property == DELIVERY_MODE) {
          deliveryMode = raw[at] & 0xFF;
        }
        at = end;
      }
    }
    if (at != raw.length) {
      throw ProtocolException.syntax((raw.length - at) + " octets follow the last property");
    }
    return deliveryMode;
  }

  /// Where the value of a property begins in a checked list, or -1.
  static int find(byte[] raw, int property) {
    int flags = flags(raw);
    if ((flags & flag(property)) == 0) {
      return -1;
    }
    int at = FLAG_BYTES;
    for (int before = 0; before < property; before++) {
      if ((flags & flag(before)) != 0) {
        at += size(raw, at, before);
      }
    }
    return at;
  }

  /// Octets that the value at `at` takes, which all are there.
  static int size(byte[] raw, int at, int property) {
    int left = raw.length - at;
    long size =
        switch (property) {
          case HEADERS -> left < 4 ? 4 : 4 + Octets.uint32(raw, at);
          case DELIVERY_MODE, PRIORITY -> 1;
          case TIMESTAMP -> 8;
          default -> left < 1 ? 1 : 1 + (raw[at] & 0xFF);
        };
    if (size > left) {
      throw ProtocolException.syntax(
          NAMES.get(property) + " takes " + size + " octets where only " + left + " are left");
    }
    return (int) size;
  }
}
