package holdfast.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ProxyHeaderTest extends ListenerCase {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  @Test
  void thePeerIsWhomAHeaderOfVersionOneNames() throws Exception {
    Listener listener = listen(unlimited(), 10_000, true, null);
    assertThat(ask(connect(listener), "PROXY TCP4 192.0.2.7 192.0.2.1 4711 5672\r\nN"))
        .isEqualTo("/192.0.2.7:4711 /192.0.2.1:5672 nobody");
    assertThat(ask(connect(listener), "PROXY TCP6 2001:db8::7 2001:db8::1 4711 5672\r\nN"))
        .isEqualTo("/[2001:db8:0:0:0:0:0:7]:4711 /[2001:db8:0:0:0:0:0:1]:5672 nobody");
  }

  @Test
  void thePeerIsWhomAHeaderOfVersionTwoNames() throws Exception {
    Listener listener = listen(unlimited(), 10_000, true, null);
    byte[] header =
        bytes(SIGNATURE + "21" + "11" + "000c" + "c0000207" + "c0000201" + "1267" + "1628" + "4e");
    assertThat(ask(connect(listener), header)).isEqualTo("/192.0.2.7:4711 /192.0.2.1:5672 nobody");
  }

  @Test
  void aHeaderMayComeInPieces() throws Exception {
    Socket socket = connect(listen(unlimited(), 10_000, true, null));
    for (byte b :
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711 5672\r\n".getBytes(StandardCharsets.US_ASCII)) {
      socket.getOutputStream().write(b);
      socket.getOutputStream().flush();
    }
    assertThat(ask(socket, "N")).startsWith("/192.0.2.7:4711 ");
  }

  @Test
  void aHeaderThatNamesNobodyLeavesTheSocketsAddresses() throws Exception {
    Listener listener = listen(unlimited(), 10_000, true, null);
    assertThat(ask(connect(listener), "PROXY UNKNOWN\r\nN")).startsWith("/127.0.0.1:");
    assertThat(ask(connect(listener), bytes(SIGNATURE + "20" + "00" + "0000" + "4e")))
        .startsWith("/127.0.0.1:");
  }

  @Test
  void whoComesWithoutAHeaderIsHungUpOnAtTheFirstByte() throws Exception {
    Listener listener = listen(unlimited(), 60_000, true, null);
    for (String begin :
        new String[] {"N", "AMQP", "PROXX", "\r\n\r\n\0\r\nQUIX", "\u0016\u0003\u0001"}) {
      Socket socket = connect(listener);
      socket.getOutputStream().write(begin.getBytes(StandardCharsets.ISO_8859_1));
      expectEnd(socket);
    }
  }

  @Test
  void aHeaderThatMakesNoSenseIsTheEnd() throws Exception {
    Listener listener = listen(unlimited(), 60_000, true, null);
    for (String bad :
        new String[] {
          "PROXY TCP4 localhost 192.0.2.1 4711 5672\r\nN",
          "PROXY TCP4 192.0.2.7 192.0.2.1 99999 5672\r\nN",
          "PROXY " + "x".repeat(300) + "\r\n"
        }) {
      Socket socket = connect(listener);
      socket.getOutputStream().write(bad.getBytes(StandardCharsets.US_ASCII));
      expectEnd(socket);
    }
    Socket socket = connect(listener);
    socket.getOutputStream().write(bytes(SIGNATURE + "21" + "11" + "ffff" + "00".repeat(9000)));
    expectEnd(socket);
  }

  @Test
  void withoutTheSettingAHeaderIsNoProtocol() throws Exception {
    Listener listener = listen(unlimited(), 60_000, false, null);
    Socket socket = connect(listener);
    socket.getOutputStream().write("PROXY UNKNOWN\r\nN".getBytes(StandardCharsets.US_ASCII));
    assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
        .isEqualTo("what?");
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
