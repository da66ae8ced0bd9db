package holdfast.server.e2e;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Celery's workers and tasks: results, retries, tasks for later, and a worker that is killed.
/// Needs `python3-celery`.
class CeleryIT {
  @TestFactory
  Stream<DynamicTest> tasksOfCelery() throws Exception {
    Needed.present(
        PythonProgram.installed("celery"), "Celery is missing: apt-get install python3-celery");
    try (TestedBroker broker = TestedBroker.start("celery");
        PythonProgram program =
            PythonProgram.start(broker.directory(), "celery_suite.py", broker.port())) {
      int code = program.await(300);
      return TapReport.read(program.printed()).tests(code, program.printed());
    }
  }
}
