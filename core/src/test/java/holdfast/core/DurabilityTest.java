package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When a message is confirmed, seen, and still there after a restart.
class DurabilityTest {
  private static final int PART = StoreOptions.tiny().partBytesMax();

  @TempDir Path directory;

  private PagingRig open() throws IOException {
    return new PagingRig(directory, 1_000_000, 600_000, Limits.Paging.STANDARD);
  }

  private static List<String> told(PagingRig rig) {
    List<String> told =
        rig.events.stream()
            .map(event ->
                switch (event) {
                  case Event.Confirmed c -> "confirmed up to " + c.tag();
                  case Event.Delivered d -> "delivered " + PagingRig.idOf(d.message());
                  default -> event.toString();
                })
            .toList();
    rig.events.clear();
    return told;
  }

  private static void begin(PagingRig rig) {
    rig.declare("q", true);
    rig.submit(new Command.SelectConfirms(rig.publisher, true));
    rig.submit(
        new Command.Consume(rig.newSession(), "q", "c", "", true, false, Arguments.NONE, true));
    rig.finish();
  }

  @Test
  void earlyIsConfirmedWhenAppendedAndSeenWhenDurable() throws IOException {
    try (PagingRig rig = open()) {
      begin(rig);
      rig.publish("", "q", 1, 10, Durability.EARLY);
      rig.run();
      assertThat(told(rig)).containsExactly("confirmed up to 1");
      rig.store.writeOnce();
      rig.run();
      assertThat(told(rig)).containsExactly("delivered 1");
    }
  }

  @Test
  void aLargeOneIsConfirmedWhenItsLastPartIsAppended() throws IOException {
    try (PagingRig rig = open()) {
      begin(rig);
      rig.publish("", "q", 1, 2 * PART, Durability.EARLY);
      rig.run();
      assertThat(told(rig)).as("a write takes one part").isEmpty();
      rig.store.writeOnce();
      rig.run();
      assertThat(told(rig)).containsExactly("confirmed up to 1");
      rig.finish();
      assertThat(told(rig)).containsExactly("delivered 1");
    }
  }

  @Test
  void durableIsConfirmedAndSeenWhenDurable() throws IOException {
    try (PagingRig rig = open()) {
      begin(rig);
      rig.publish("", "q", 1, 10, Durability.DURABLE);
      rig.run();
      assertThat(told(rig)).isEmpty();
      rig.store.writeOnce();
      rig.run();
      assertThat(told(rig)).containsExactlyInAnyOrder("delivered 1", "confirmed up to 1");
    }
  }

  @Test
  void theyKeepOneOrder() throws IOException {
    try (PagingRig rig = open()) {
      begin(rig);
      rig.publish("", "q", 1, 10, Durability.DURABLE);
      rig.publish("", "q", 2, 10, Durability.EARLY);
      rig.publish("", "q", 3, 10, Durability.MEMORY);
      rig.publish("", "q", 4, 10, Durability.EARLY);
      rig.finish();
      assertThat(told(rig))
          .contains("delivered 1", "delivered 2", "delivered 3", "delivered 4")
          .filteredOn(text -> text.startsWith("delivered"))
          .isSorted();
    }
  }

  @Test
  void whatIsInMemoryOnlyIsGoneAfterARestartAndTheRestIsNot() throws IOException {
    try (PagingRig rig = open()) {
      rig.declare("q", true);
      int id = 0;
      for (Durability durability : Durability.values()) {
        rig.publish("", "q", ++id, 10, durability);
      }
      rig.finish();
      assertThat(rig.queue("q").readyCount()).isEqualTo(3);
    }
    try (PagingRig rig = open()) {
      assertThat(rig.queue("q").readyCount()).isEqualTo(2);
    }
  }

  @Test
  void comesBackFromTheJournalAsItWas() {
    for (Durability durability : Durability.values()) {
      Message message =
          new Message("x", "k", PropertyFormat.NONE, new byte[2], new byte[3], durability, 7);
      ByteWriter header = new ByteWriter(64);
      message.putHeader(header);
      Message back = Message.recovered(header.toBytes(), new byte[3], new Formats(List.of()));
      assertThat(back.durability()).isEqualTo(durability);
    }
  }

  @Test
  void flagsThatMeanNothingAreRefused() {
    byte[] header = {1, 2};
    assertThatThrownBy(() -> Message.recovered(header, new byte[0], new Formats(List.of())))
        .isInstanceOf(ByteReader.MalformedException.class)
        .hasMessageContaining("flags 2");
  }
}
