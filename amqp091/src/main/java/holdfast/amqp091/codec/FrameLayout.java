package holdfast.amqp091.codec;

/// A frame on the wire.
///
/// ```
///   0      1      2      3      4      5      6      7            7+n
/// +------+-------------+---------------------------+-----//-----+------+
/// | type |   channel   |   payload octets n        |  payload   | 0xCE |
/// +------+-------------+---------------------------+-----//-----+------+
/// ```
///
/// And the payload of a content header:
///
/// ```
///   0          2         4                  12
/// +----------+---------+------------------+--------------------+
/// | class id | weight  |  body octets     |  property list     |
/// +----------+---------+------------------+--------------------+
/// ```
///
/// The payload of the two methods that come with every message begins with its ids; that of
/// `basic.ack` is always as long:
///
/// ```
///   0          2           4                         12      13
/// +----------+-----------+-------------------------+-------+
/// | class 60 | method 80 |  delivery tag, 64 bits  | flags |
/// +----------+-----------+-------------------------+-------+
/// ```
public final class FrameLayout {
  public static final int METHOD = 1;
  public static final int HEADER = 2;
  public static final int BODY = 3;
  public static final int HEARTBEAT = 8;

  public static final int CHANNEL = 1;
  public static final int SIZE = 3;
  public static final int PAYLOAD = 7;
  public static final int END = 0xCE;

  public static final int CONTENT_BODY_SIZE = 4;
  public static final int CONTENT_PROPERTIES = 12;

  static final int ACK_IDS = ids(BasicMethod.CLASS_ID, BasicMethod.Ack.ID);
  static final int ACK_TAG = 4;
  static final int ACK_FLAGS = 12;
  static final int ACK_BYTES = 13;
  static final int PUBLISH_IDS = ids(BasicMethod.CLASS_ID, BasicMethod.Publish.ID);

  private FrameLayout() {}

  /// Class and method as they stand in front of a method's arguments.
  static int ids(int classId, int methodId) {
    return classId << 16 | methodId;
  }
}
