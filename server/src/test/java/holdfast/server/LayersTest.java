package holdfast.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The arrows of ARCHITECTURE.md. Maven and the module descriptors keep most of them; this test
/// keeps them when someone adds the missing dependency without a second thought.
class LayersTest {
  /// Whom each module may know. The store knows no broker, the broker no protocol, and a protocol
  /// no other protocol.
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.of(
          "store", Set.of(),
          "core", Set.of("store"),
          "broker", Set.of("store", "core"),
          "net", Set.of(),
          "amqp091", Set.of("broker", "core", "net"),
          "load", Set.of("amqp091"),
          "testkit", Set.of("store", "core", "broker"),
          "server", Set.of("store", "core", "broker", "net", "amqp091", "load"),
          "bench", Set.of("store", "core", "broker", "net", "amqp091", "server", "testkit"),
          "examples", Set.of("broker", "core", "store"));

  private static final List<String> NETTY_FREE =
      List.of("store", "core", "broker", "testkit", "examples");

  private static final JavaClasses CLASSES = classes();

  @Test
  void everyModuleHasItsArrows() throws IOException {
    assertThat(MAY_KNOW.keySet())
        .as("a new module says here whom it may know")
        .containsExactlyInAnyOrderElementsOf(TidyTest.modules());
  }

  @ParameterizedTest
  @MethodSource("modules")
  void aModuleKnowsOnlyWhatItMay(String module) {
    knowsOnly(module, MAY_KNOW.get(module)).check(CLASSES);
  }

  @Test
  void nettyStaysAtTheEdge() {
    for (String module : NETTY_FREE) {
      knowsNothingOf(module, "it belongs to net and the protocols", "io.netty..").check(CLASSES);
    }
  }

  @Test
  void theCoreTouchesNothing() {
    knowsNothingOf(
            "core",
            "the core decides, and leaves files and sockets to the edge",
            "java.net..",
            "java.nio.channels..",
            "java.nio.file..",
            "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycle() {
    noCycle().check(CLASSES);
  }

  // -- each rule can fail --

  @Test
  void aForbiddenArrowIsNoticed() {
    JavaClasses here = new ClassFileImporter().importClasses(KnowsNetty.class);
    assertThat(knowsNothingOf("server", "of the test", "io.netty..").evaluate(here).hasViolation())
        .isTrue();
    assertThat(knowsNothingOf("server", "of the test", "io.vertx..").evaluate(here).hasViolation())
        .isFalse();
    assertThat(knowsOnly("store", Set.of()).getDescription())
        .contains("'holdfast.core..'", "'holdfast.amqp091..'")
        .doesNotContain("'holdfast.store..'],");
  }

  @Test
  void aCycleIsNoticed() {
    JavaClasses cycle =
        new ClassFileImporter()
            .importClasses(
                holdfast.server.cycle.one.One.class, holdfast.server.cycle.two.Two.class);
    assertThat(noCycle().evaluate(cycle).hasViolation()).isTrue();
  }

  static final class KnowsNetty {
    final ByteBuf buffer = Unpooled.EMPTY_BUFFER;
  }

  static Set<String> modules() {
    return MAY_KNOW.keySet();
  }

  private static ArchRule noCycle() {
    return slices().matching("holdfast.(**)").should().beFreeOfCycles().allowEmptyShould(true);
  }

  private static ArchRule knowsOnly(String module, Set<String> known) {
    String[] others =
        MAY_KNOW.keySet().stream()
            .filter(other -> !other.equals(module) && !known.contains(other))
            .map(other -> "holdfast." + other + "..")
            .toArray(String[]::new);
    if (others.length == 0) {
      others = new String[] {"holdfast.nobody.."};
    }
    return knowsNothingOf(module, "arrows point to storage, see ARCHITECTURE.md", others);
  }

  private static ArchRule knowsNothingOf(String module, String why, String... packages) {
    return noClasses()
        .that()
        .resideInAPackage("holdfast." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .because(why)
        .allowEmptyShould(true);
  }

  /// What the build has compiled, read from the modules' folders: the class path of this test need
  /// not hold all of them. Bench and examples are built after this module and may be those of last
  /// time.
  private static JavaClasses classes() {
    List<Path> folders = new ArrayList<>();
    for (String module : MAY_KNOW.keySet()) {
      Path folder = TidyTest.HOME.resolve(module).resolve("target/classes");
      if (Files.isDirectory(folder)) {
        folders.add(folder);
      }
    }
    return new ClassFileImporter().importPaths(folders);
  }
}
