package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A handler that writes down what it is given, one line a frame.
final class RecordedFrames implements FrameHandler {
  final List<String> lines = new ArrayList<>();
  final List<Method> methods = new ArrayList<>();
  final List<BasicProperties> properties = new ArrayList<>();

  @Override
  public void onMethod(int channel, Method method) {
    methods.add(method);
    lines.add(channel + " " + method);
  }

  @Override
  public void onContentHeader(int channel, long bodySize, BasicProperties properties) {
    this.properties.add(properties);
    String raw = HexFormat.of().formatHex(properties.raw());
    lines.add(channel + " header " + bodySize + " " + raw);
  }

  @Override
  public void onContentBody(int channel, ByteBuf in, int index, int length) {
    lines.add(channel + " body " + ByteBufUtil.hexDump(in, index, length));
  }

  @Override
  public void onHeartbeat() {
    lines.add("heartbeat");
  }
}
