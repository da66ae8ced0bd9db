package holdfast.server.e2e;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What RabbitMQ adds to AMQP 0-9-1, used through pika. Needs `python3-pika`.
class PikaFeaturesIT {
  @TestFactory
  Stream<DynamicTest> featuresThatPikaProgramsUse() throws Exception {
    Needed.present(PythonProgram.pikaInstalled(), "pika is missing: apt-get install python3-pika");
    try (TestedBroker broker = TestedBroker.start("pika-features");
        PythonProgram program =
            PythonProgram.start(broker.directory(), "pika_features.py", broker.port())) {
      int code = program.await(300);
      return TapReport.read(program.printed()).tests(code, program.printed());
    }
  }
}
