package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectingTest {
  @TempDir Path dir;

  private static final EnumSet<Event.Sight> ALL = EnumSet.allOf(Event.Sight.class);

  private PagingRig rig() throws Exception {
    return new PagingRig(dir, 1 << 20, 1 << 20, Limits.Paging.STANDARD);
  }

  private static List<Event.Inspection> look(PagingRig rig, Client by) {
    List<Event.Inspection> answers = new ArrayList<>();
    rig.makeRoom();
    Command look = new Command.Inspect(by.control(), ALL, answers::add);
    by.submitting(List.of(look));
    rig.shard.accept(look);
    return answers;
  }

  private static Client observer(PagingRig rig) {
    VirtualHost host = java.util.Objects.requireNonNull(rig.shard.host("/"));
    Client observer = rig.shard.newClient("observer", host, rig);
    observer.hide();
    return observer;
  }

  @Test
  void everythingThatIsThereIsSeen() throws Exception {
    try (PagingRig rig = rig()) {
      rig.client.introduce(new Client.Facts("anna", "10.0.0.1:5", true, java.util.Map.of()));
      rig.declare("q", false);
      rig.bindToFanout("q");
      rig.submit(new Command.SelectConfirms(rig.publisher, true));
      rig.submit(new Command.SetPrefetch(rig.publisher, 9, false));
      rig.submit(
          new Command.Consume(rig.publisher, "q", "tag", "", false, true, Arguments.NONE, true));
      rig.publish("", "q", 1, 10, false);
      rig.run();
      Event.Inspection seen = look(rig, observer(rig)).getFirst();
      assertThat(seen.queues()).extracting(Event.QueueInfo::name).containsExactly("q");
      assertThat(seen.exchanges()).hasSize(6).allMatch(Event.ExchangeInfo::predeclared);
      assertThat(seen.bindings())
          .singleElement()
          .matches(each -> each.source().equals("amq.fanout"));
      assertThat(seen.clients()).singleElement().matches(each -> each.facts().tls());
      assertThat(seen.sessions())
          .singleElement()
          .matches(each -> each.user().equals("anna") && each.confirms())
          .matches(each -> each.prefetchOfConsumers() == 9 && each.unsettled() == 1);
      assertThat(seen.consumers())
          .singleElement()
          .matches(each -> each.exclusive() && each.prefetch() == 9 && each.unsettled() == 1);
    }
  }

  @Test
  void whoHidesIsNotSeen() throws Exception {
    try (PagingRig rig = rig()) {
      rig.declare("q", false);
      Client observer = observer(rig);
      assertThat(look(rig, observer).getFirst().clients()).hasSize(1);
      rig.client.hide();
      assertThat(look(rig, observer).getFirst().clients()).isEmpty();
      assertThat(look(rig, observer).getFirst().sessions()).isEmpty();
    }
  }

  @Test
  void aLongLookGoesInSlicesAndLetsOthersWorkBetween() throws Exception {
    try (PagingRig rig = rig()) {
      rig.declare("q", false);
      int count = Limits.SLICE + 10;
      for (int i = 0; i < count; i++) {
        rig.submit(
            new Command.Bind(
                rig.publisher, false, true, "amq.topic", "q", "k" + i, Arguments.NONE, true));
      }
      List<Event.Inspection> answers = look(rig, observer(rig));
      assertThat(answers).as("one step reads a slice").isEmpty();
      rig.declare("while it looks", false);
      rig.submit(new Command.DeleteQueue(rig.publisher, "q", false, false, true));
      rig.run();
      assertThat(answers).hasSize(1);
      assertThat(answers.getFirst().queues())
          .extracting(Event.QueueInfo::name)
          .containsExactly("q");
      assertThat(answers.getFirst().bindings()).hasSize(count);
    }
  }

  @Test
  void publishesThatAreNotConfirmedAreCounted() {
    Confirms confirms = new Confirms();
    assertThat(confirms.unconfirmedCount()).isZero();
    for (int i = 0; i < 200; i++) {
      confirms.take();
    }
    confirms.confirm(1);
    confirms.confirm(150);
    assertThat(confirms.unconfirmedCount()).isEqualTo(198);
    confirms.say((tag, multiple) -> {});
    assertThat(confirms.unconfirmedCount()).isEqualTo(198);
    confirms.confirm(2);
    assertThat(confirms.unconfirmedCount()).isEqualTo(197);
  }
}
