package holdfast.server;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/// `holdfast serve`: from the arguments to a running broker, and to the process's exit status. Runs
/// on the main thread, which then waits for the broker to end.
final class Serve {
  private final PrintStream out;
  private final PrintStream err;
  private final IntConsumer halt;

  Serve(PrintStream out, PrintStream err, IntConsumer halt) {
    this.halt = halt;
    this.out = out;
    this.err = err;
  }

  ExitStatus run(ServeArguments arguments) throws InterruptedException {
    Settings settings;
    try {
      settings = SettingsReader.read(arguments.load());
    } catch (ConfigRefused refused) {
      refused.problems().forEach(problem -> err.println("holdfast: " + problem));
      return ExitStatus.USAGE;
    }
    // Read by LogSetup, which the first logger calls.
    System.setProperty("holdfast.log.level", settings.logLevel().name());
    // Before the start: a signal in the middle of it ends the process in order, too.
    StopOnSignal stop = StopOnSignal.install(halt);
    Running running;
    try {
      running = new Assembly(settings).start();
    } catch (StartRefused refused) {
      err.println("holdfast: " + refused.getMessage());
      return stop.ending(refused.status());
    } catch (RuntimeException | Error bug) {
      LoggerFactory.getLogger(Serve.class).error("cannot start", bug);
      return stop.ending(ExitStatus.BUG);
    }
    stop.started(running);
    out.println(readyLine(settings, running));
    out.flush();
    return stop.ending(running.await());
  }

  private static String readyLine(Settings settings, Running running) {
    return ("Holdfast " + Version.text() + " ready in " + ProcessAge.ms() + " ms:")
        + served(" amqp ", running.amqpAddresses())
        + served(" amqps ", running.amqpsAddresses())
        + (" data " + settings.dataDir());
  }

  private static String served(String protocol, List<InetSocketAddress> addresses) {
    return addresses.isEmpty()
        ? ""
        : protocol + addresses.stream().map(ListenAddress::text).collect(Collectors.joining(","));
  }
}
