package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.AccountsRig.Peer;
import holdfast.core.Policies.Effective;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which policy applies to what, what two say together, and who is told when.
class PoliciesTest {
  @TempDir Path directory;
  private AccountsRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new AccountsRig(directory);
  }

  @AfterEach
  void close() throws IOException {
    rig.close();
  }

  private void put(Policy policy) {
    rig.done(new Change.PutPolicy("/", policy, false));
  }

  private void putOperators(Policy policy) {
    rig.done(new Change.PutPolicy("/", policy, true));
  }

  private static Policy policy(String name, String pattern, int priority, Object... definition) {
    return AccountsRig.policy(name, pattern, priority, definition);
  }

  private Policy of(Policy.AppliesTo kind, Policy policy) {
    return new Policy(
        policy.name(), policy.pattern(), kind, policy.definition(), policy.priority());
  }

  private Effective of(String name, Policies.Kind kind) {
    VirtualHost host = Objects.requireNonNull(rig.rig.shard.host("/"));
    return rig.rig.shard.policies().of(host, name, kind);
  }

  @Test
  void theHighestPriorityOfThoseThatMatchApplies() {
    put(policy("all", ".*", 0, "max-length", 1));
    put(policy("orders", "^orders", 5, "max-length", 2));
    put(policy("none", "^nothing$", 9, "max-length", 3));
    put(policy("b-same", "^ord", 5, "max-length", 4));
    assertThat(of("orders.eu", Policies.Kind.CLASSIC).policy()).isEqualTo("b-same");
    assertThat(of("mail", Policies.Kind.CLASSIC).policy()).isEqualTo("all");
    rig.done(new Change.DeletePolicy("/", "b-same", false));
    Effective effective = of("orders.eu", Policies.Kind.QUORUM);
    assertThat(effective.policy()).isEqualTo("orders");
    assertThat(effective.definition().asMap()).isEqualTo(Map.of("max-length", 2L));
    assertThat(effective.operatorPolicy()).isNull();
    put(policy("all", ".*", 6, "max-length", 1));
    assertThat(of("orders.eu", Policies.Kind.CLASSIC).policy()).as("changed").isEqualTo("all");
  }

  @ParameterizedTest
  @CsvSource({
    "ALL, EXCHANGE CLASSIC QUORUM STREAM",
    "EXCHANGES, EXCHANGE",
    "QUEUES, CLASSIC QUORUM STREAM",
    "CLASSIC_QUEUES, CLASSIC",
    "QUORUM_QUEUES, QUORUM",
    "STREAMS, STREAM",
  })
  void aPolicyAppliesToTheKindsItIsMeantFor(Policy.AppliesTo meant, String kinds) {
    put(of(meant, policy("p", "", 0, "max-length-bytes", 1)));
    put(of(meant, policy("p", ".*", 0, "max-length-bytes", 1)));
    for (Policies.Kind kind : Policies.Kind.values()) {
      boolean applies = of("name", kind).policy() != null;
      assertThat(applies).as("%s", kind).isEqualTo(kinds.contains(kind.name()));
    }
  }

  @Test
  void aPolicyWithAKeyOfAnotherKindIsPassedOver() {
    put(policy("stream", ".*", 9, "max-age", "7D"));
    put(policy("quorum", ".*", 8, "delivery-limit", 3));
    put(policy("any", ".*", 1, "max-length-bytes", 1));
    assertThat(of("q", Policies.Kind.STREAM).policy()).isEqualTo("stream");
    assertThat(of("q", Policies.Kind.QUORUM).policy()).isEqualTo("quorum");
    assertThat(of("q", Policies.Kind.CLASSIC).policy()).isEqualTo("any");
  }

  @Test
  void ofTwoLimitsTheStricterCounts() {
    put(
        policy(
            "p",
            ".*",
            0,
            "max-length",
            10,
            "message-ttl",
            5,
            "overflow",
            "drop-head",
            "delivery-limit",
            -1,
            "dead-letter-exchange",
            "d"));
    putOperators(
        policy(
            "o",
            "^q",
            0,
            "max-length",
            7,
            "message-ttl",
            60,
            "overflow",
            "reject-publish",
            "expires",
            9,
            "delivery-limit",
            4));
    Effective both = of("q", Policies.Kind.QUORUM);
    assertThat(both.policy()).isEqualTo("p");
    assertThat(both.operatorPolicy()).isEqualTo("o");
    assertThat(both.merged().asMap())
        .isEqualTo(
            Map.of(
                "max-length",
                7L,
                "message-ttl",
                5L,
                "overflow",
                "reject-publish",
                "expires",
                9L,
                "delivery-limit",
                4L,
                "dead-letter-exchange",
                "d"));
    assertThat(of("other", Policies.Kind.QUORUM).merged().get("max-length")).isEqualTo(10L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "max-lenght | 5 | 'max-lenght' is not a recognised policy setting",
        "max-length | -1 | '-1' is not a valid value of max-length: it must be a whole number from 0",
        "expires | 0 | '0' is not a valid value of expires: it must be a whole number from 1",
        "overflow | 3 | '3' is not a valid value of overflow: it must be one of [drop-head,",
        "max-age | 7 | '7' is not a valid value of max-age: it must be a number and one of",
        "dead-letter-exchange | 7 | '7' is not a valid value of dead-letter-exchange: it must be text",
      })
  void aMistakeInADefinitionIsTold(String key, long value, String text) {
    assertThat(rig.change(new Change.PutPolicy("/", policy("p", "", 0, key, value), false)))
        .startsWith("invalid policy 'p': " + text);
  }

  @Test
  void anOperatorMayOnlyLimit() {
    assertThat(
            rig.change(
                new Change.PutPolicy("/", policy("p", "", 0, "dead-letter-exchange", "d"), true)))
        .isEqualTo(
            "invalid policy 'p': 'dead-letter-exchange' is not a setting that an operator policy"
                + " may have");
    assertThat(rig.change(new Change.PutPolicy("/", policy("p", "", 0), true)))
        .isEqualTo("invalid policy 'p': it sets nothing");
    assertThat(rig.change(new Change.PutPolicy("/", policy("p", "(", 0, "expires", 1), false)))
        .startsWith("invalid regular expression '('");
  }

  @Test
  void queuesAndExchangesAreToldAtOnceWhenDeclaredAndAtAStart() throws IOException {
    rig.user("u", ".*", ".*", ".*");
    Peer peer = rig.new Peer("u", "/");
    peer.does(
        peer.queue("before", false, Arguments.NONE),
        peer.exchange("x-before", "fanout", false, Arguments.NONE));
    assertThat(rig.rig.queue("before").effectivePolicy()).isSameAs(Effective.NONE);
    put(policy("p", "before|after", 0, "max-length-bytes", 1));
    assertThat(rig.rig.queue("before").effectivePolicy().policy()).isEqualTo("p");
    peer.does(
        peer.queue("after", false, Arguments.NONE),
        peer.queue("other", false, Arguments.NONE),
        peer.exchange("x-after", "fanout", false, Arguments.NONE));
    assertThat(rig.rig.queue("after").effectivePolicy())
        .isSameAs(rig.rig.queue("before").effectivePolicy());
    assertThat(rig.rig.queue("other").effectivePolicy()).isSameAs(Effective.NONE);
    rig.close();
    open();
    VirtualHost host = Objects.requireNonNull(rig.rig.shard.host("/"));
    assertThat(rig.rig.queue("before").effectivePolicy().policy()).isEqualTo("p");
    for (String name : new String[] {"x-before", "x-after"}) {
      Exchange exchange = Objects.requireNonNull(host.exchange(name));
      assertThat(exchange.effectivePolicy().policy()).isEqualTo("p");
    }
    rig.done(new Change.DeletePolicy("/", "p", false));
    assertThat(rig.rig.queue("before").effectivePolicy()).isEqualTo(Effective.NONE);
  }

  @Test
  void theNewestOfTwoChangesAtOnceIsWhatEverybodyHasWhenBothAreAnswered() {
    for (int i = 0; i < 50; i++) {
      rig.rig.declare("q" + i, true);
    }
    rig.finish();
    var first = rig.begin(new Change.PutPolicy("/", policy("p", "^q", 0, "max-length", 1), false));
    var second = rig.begin(new Change.PutPolicy("/", policy("p", "^q", 0, "max-length", 2), false));
    rig.finish();
    assertThat(first).containsExactly("");
    assertThat(second).containsExactly("");
    for (int i = 0; i < 50; i++) {
      assertThat(rig.rig.queue("q" + i).effectivePolicy().get("max-length")).isEqualTo(2L);
    }
  }
}
