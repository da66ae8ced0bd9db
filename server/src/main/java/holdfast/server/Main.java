package holdfast.server;

import java.io.PrintStream;
import java.util.Optional;

/// The program: reads the command line and does what it asks.
///
/// Standard output carries a command's answer, and from `serve` the one ready line; everything else
/// goes to standard error.
final class Main {
  private final PrintStream out;
  private final PrintStream err;

  Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  public static void main(String[] args) throws InterruptedException {
    System.exit(new Main(System.out, System.err).run(args).code());
  }

  ExitStatus run(String... args) throws InterruptedException {
    Optional<ServeArguments> plain = ServeArguments.parsePlain(args);
    Command command = plain.isPresent() ? new Command.Serve(plain.get()) : CommandLines.parse(args);
    return switch (command) {
      case Command.Serve serve ->
          new Serve(out, err, Runtime.getRuntime()::halt).run(serve.arguments());
      case Command.Inspect inspect -> new InspectCommand(out, err).run(inspect);
      case Command.Administer administer ->
          new AdministerCommand(out, err, System.in).run(administer);
      case Command.Definitions definitions ->
          new DefinitionsCommand(out, err, System.in).run(definitions);
      case Command.BenchDisk bench -> new DiskBench(out, err).run(bench.arguments());
      case Command.BenchAmqp bench -> new LoadBench(out, err).run(bench);
      case Command.Journal journal -> new JournalTool(out, err).run(journal);
      case Command.Say say -> {
        out.print(say.text());
        out.flush();
        yield ExitStatus.CLEAN;
      }
      case Command.Misuse misuse -> {
        err.print(misuse.text());
        yield ExitStatus.USAGE;
      }
    };
  }
}
