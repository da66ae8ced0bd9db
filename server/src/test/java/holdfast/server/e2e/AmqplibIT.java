package holdfast.server.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Programs written with amqplib for Node.js. Needs `node` and `npm`, which fetches amqplib into
/// the build directory the first time.
class AmqplibIT {
  private static final String VERSION = "2.3.1";

  @TestFactory
  Stream<DynamicTest> whatAmqplibProgramsExpect() throws Exception {
    Needed.present(ForeignProgram.runs("node", "--version"), "node is missing: install Node.js");
    Path modules = modules();
    try (TestedBroker broker = TestedBroker.start("amqplib");
        ForeignProgram program =
            ForeignProgram.start(
                broker.directory(),
                "amqplib",
                List.of(
                    "node",
                    "--test-reporter=tap",
                    BrokerProcess.repository()
                        .resolve("server/src/test/javascript/amqplib_suite.js")
                        .toString(),
                    "amqp://127.0.0.1:" + broker.port()),
                Map.of("NODE_PATH", modules.toString()))) {
      int code = program.await(180);
      return TapReport.read(program.printed()).tests(code, program.printed());
    }
  }

  private static Path modules() throws Exception {
    Path folder = BrokerProcess.repository().resolve("server/target/amqplib-" + VERSION);
    Path modules = folder.resolve("node_modules");
    if (!Files.exists(modules.resolve("amqplib/package.json"))) {
      Files.createDirectories(folder);
      boolean fetched =
          ForeignProgram.runs(
              180,
              "npm",
              "install",
              "--prefix",
              folder.toString(),
              "--no-audit",
              "--no-fund",
              "--no-save",
              "--no-package-lock",
              "amqplib@" + VERSION);
      Needed.present(fetched, "npm could not install amqplib@" + VERSION);
    }
    return modules;
  }
}
