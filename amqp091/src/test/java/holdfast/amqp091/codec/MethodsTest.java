package holdfast.amqp091.codec;

import static holdfast.amqp091.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MethodsTest {

  @Test
  void knowsEveryMethodOfTheProtocolAndItsExtensions() {
    RandomValues values = RandomValues.of("knowsEveryMethodOfTheProtocolAndItsExtensions");
    TreeMap<Integer, List<Integer>> ids = new TreeMap<>();
    for (Class<?> type : RandomValues.methodTypes()) {
      Method method = values.method(type);
      ids.computeIfAbsent(method.classId(), id -> new ArrayList<>()).add(method.methodId());
    }
    assertThat(ids)
        .containsExactly(
            Map.entry(10, List.of(10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71)),
            Map.entry(20, List.of(10, 11, 20, 21, 40, 41)),
            Map.entry(30, List.of(10, 11)),
            Map.entry(40, List.of(10, 11, 20, 21, 30, 31, 40, 51)),
            Map.entry(50, List.of(10, 11, 20, 21, 30, 31, 40, 41, 50, 51)),
            Map.entry(
                60,
                List.of(
                    10, 11, 20, 21, 30, 31, 40, 50, 60, 70, 71, 72, 80, 90, 100, 110, 111, 120)),
            Map.entry(85, List.of(10, 11)),
            Map.entry(90, List.of(10, 11, 20, 21, 30, 31)));
  }

  @Test
  void everyMethodComesBackAsItWasWritten() {
    RandomValues values = RandomValues.of("everyMethodComesBackAsItWasWritten");
    for (Class<?> type : RandomValues.methodTypes()) {
      for (int i = 0; i < 200; i++) {
        Method method = values.method(type);
        byte[] payload = RandomValues.payload(method);
        Method back = Methods.decode(Bytes.buffer(payload));
        assertThat(back).isEqualTo(method);
        assertThat(RandomValues.payload(back)).isEqualTo(payload);
      }
    }
  }

  @Test
  void everyMethodCutShortIsASyntaxErrorThatNamesIt() {
    RandomValues values = RandomValues.of("everyMethodCutShortIsASyntaxErrorThatNamesIt");
    for (Class<?> type : RandomValues.methodTypes()) {
      Method method = values.method(type);
      byte[] payload = RandomValues.payload(method);
      for (int length = 4; length < payload.length; length++) {
        ByteBuf cut = Bytes.buffer(Arrays.copyOf(payload, length));
        ProtocolError error = assertRefused(ReplyCode.SYNTAX_ERROR, "", () -> Methods.decode(cut));
        assertThat(error.classId()).isEqualTo(method.classId());
        assertThat(error.methodId()).isEqualTo(method.methodId());
      }
    }
  }

  @Test
  void everyMethodWithOneOctetTooManyIsASyntaxError() {
    RandomValues values = RandomValues.of("everyMethodWithOneOctetTooManyIsASyntaxError");
    for (Class<?> type : RandomValues.methodTypes()) {
      byte[] payload = RandomValues.payload(values.method(type));
      ByteBuf tooLong = Bytes.buffer(Arrays.copyOf(payload, payload.length + 1));
      assertRefused(
          ReplyCode.SYNTAX_ERROR,
          "1 octets follow the last argument",
          () -> Methods.decode(tooLong));
    }
  }

  @Test
  void onlyFourMethodsCarryContent() {
    RandomValues values = RandomValues.of("onlyFourMethodsCarryContent");
    assertThat(RandomValues.methodTypes().stream().filter(t -> values.method(t).hasContent()))
        .containsExactlyInAnyOrder(
            BasicMethod.Publish.class,
            BasicMethod.Return.class,
            BasicMethod.Deliver.class,
            BasicMethod.GetOk.class);
  }

  @Test
  void anUnknownMethodOfAKnownClassIsCommandInvalid() {
    ProtocolError error = refused("003c 0063", ReplyCode.COMMAND_INVALID, "unknown method 99");
    assertThat(error.classId()).isEqualTo(60);
    assertThat(error.methodId()).isEqualTo(99);
  }

  @Test
  void anUnknownClassIsCommandInvalid() {
    refused("004d 000a", ReplyCode.COMMAND_INVALID, "unknown method 10 of class 77");
  }

  @Test
  void aPayloadWithoutIdsIsASyntaxError() {
    refused("003c00", ReplyCode.SYNTAX_ERROR, "no ids");
  }

  @Test
  void aShortStringLongerThanTheArgumentsIsASyntaxError() {
    refused("003c 0028 0000 ff 61", ReplyCode.SYNTAX_ERROR, "arguments end early");
  }

  @Test
  void aRoutingKeyThatIsNotUtf8IsASyntaxError() {
    refused("003c 0028 0000 00 02 c0af 00", ReplyCode.SYNTAX_ERROR, "not valid UTF-8");
  }

  @Test
  void aQueueNameThatIsNotUtf8IsASyntaxError() {
    refused("0032 001e 0000 01 ff 00", ReplyCode.SYNTAX_ERROR, "not valid UTF-8");
  }

  @Test
  void aLongStringOfFourGigabytesIsASyntaxErrorAndNotAnAllocation() {
    refused("000a 0015 ffffffff 61", ReplyCode.SYNTAX_ERROR, "long string of 4294967295 octets");
  }

  @Test
  void aTableOfFourGigabytesIsASyntaxErrorAndNotAnAllocation() {
    refused(
        "0032 000a 0000 01 71 00 ffffffff", ReplyCode.SYNTAX_ERROR, "table of 4294967295 octets");
  }

  @Test
  void anErrorInATableNamesTheMethod() {
    ProtocolError error =
        refused(
            "0032 000a 0000 01 71 00 00000003 01 61 51",
            ReplyCode.SYNTAX_ERROR,
            "unknown field type 0x51");
    assertThat(error.classId()).isEqualTo(50);
    assertThat(error.methodId()).isEqualTo(10);
  }

  @Test
  void readsNothingThatFollowsThePayload() {
    ByteBuf in = Bytes.buffer(Bytes.hex("003c 0028 0000 05 61 62"));
    in.writerIndex(in.writerIndex() - 1);
    assertRefused(ReplyCode.SYNTAX_ERROR, "arguments end early", () -> Methods.decode(in));
  }

  @Test
  void aLoggedMethodShowsNoPassword() {
    Method method = new ConnectionMethod.SecureOk(LongString.of("\0guest\0guest"));
    assertThat(method.toString()).doesNotContain("guest");
  }

  @Test
  void randomOctetsAreDecodedOrRefusedAndNothingElse() {
    RandomValues values = RandomValues.of("randomOctetsAreDecodedOrRefusedAndNothingElse");
    var types = RandomValues.methodTypes();
    for (int i = 0; i < 40_000; i++) {
      Method method = values.method(types.get(i % types.size()));
      byte[] input = values.damaged(RandomValues.payload(method));
      Refusals.decodesOrRefuses(input, () -> Methods.decode(Unpooled.wrappedBuffer(input)));
    }
  }

  private static ProtocolError refused(String hex, ReplyCode code, String textPart) {
    return assertRefused(code, textPart, () -> Methods.decode(Bytes.buffer(Bytes.hex(hex))));
  }
}
