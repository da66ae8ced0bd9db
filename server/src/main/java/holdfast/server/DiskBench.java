package holdfast.server;

import holdfast.store.Calibration;
import holdfast.store.CommitTimes;
import holdfast.store.DirectoryLockedException;
import holdfast.store.LocalDisk;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `holdfast bench disk`: what the disk under a data directory takes to keep a record, by the
/// [holdfast.store.TimeModel] and by the clock, under every sync policy.
///
/// Every cell is measured in turn, and that several times over: a neighbour who uses the disk for a
/// second then spoils one turn of some cells and not all of one.
final class DiskBench {
  static final int[] SIZES = {
    64, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20
  };
  static final int[] OUTSTANDING = {1, 10, 100, 1_000, 10_000};

  /// More than this at a time is no benchmark of a disk but a flood.
  private static final long UNDER_WAY_BYTES_MAX = 64L << 20;

  /// Segments under way, kept for two checkpoints, and spare, with a margin.
  private static final long FREE_BYTES_MIN = 1L << 30;

  private static final int TURNS = 5;

  /// A quiet disk differs from turn to turn by less.
  private static final double SWING_MAX = 1.5;

  private static final double TURN_SECONDS_MIN = 1;
  private static final String SKIPPED =
      "left out: more than "
          + DiskFigures.size(UNDER_WAY_BYTES_MAX)
          + " outstanding, which only waits for room";

  private final PrintStream out;
  private final PrintStream err;

  DiskBench(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  ExitStatus run(DiskBenchArguments arguments) throws InterruptedException {
    Path dataDir = arguments.dataDir();
    try (DiskScratch scratch = DiskScratch.open(dataDir)) {
      DiskFigures figures = measure(arguments, scratch);
      if (figures == null) {
        err.println("holdfast: stopped; nothing is reported");
        return ExitStatus.CLEAN;
      }
      List<DiskPolicy> policies = DiskPolicy.all();
      DiskChoice choice =
          arguments.hasWish() ? DiskChoice.of(arguments, policies, figures.cells()) : null;
      if (arguments.svg().isPresent()) {
        Path svg = arguments.svg().get();
        Files.writeString(svg, DiskPicture.of(figures));
        err.println("holdfast: picture in " + svg);
      }
      out.print(
          arguments.asJson()
              ? Json.write(DiskReport.document(figures, choice)) + "\n"
              : DiskReport.text(figures, policies, choice));
      out.flush();
      return ExitStatus.CLEAN;
    } catch (DirectoryLockedException locked) {
      err.println("holdfast: another 'holdfast bench disk' is at work in " + dataDir);
    } catch (IOException e) {
      err.println("holdfast: cannot measure the disk of " + dataDir + ": " + reason(e));
    }
    return ExitStatus.DATA_REFUSED;
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.AccessDeniedException denied -> "may not write to " + denied.getFile();
      case java.nio.file.FileAlreadyExistsException file -> file.getFile() + " is not a directory";
      case java.nio.file.NoSuchFileException none -> none.getFile() + " does not exist";
      default -> String.valueOf(e.getMessage());
    };
  }

  /// Null when the process is told to stop.
  private @Nullable DiskFigures measure(DiskBenchArguments arguments, DiskScratch scratch)
      throws IOException, InterruptedException {
    String how;
    String warning;
    try (LocalDisk disk = scratch.disk()) {
      how = disk.durability();
      warning = disk.durabilityWarning();
      long free = disk.usableBytes();
      if (free < FREE_BYTES_MIN) {
        throw new IOException(
            "%s are free, and %s are needed"
                .formatted(DiskFigures.size(free >> 20 << 20), DiskFigures.size(FREE_BYTES_MIN)));
      }
    }
    if (warning != null) {
      err.println("holdfast: WARNING: " + warning.replace("/" + DiskScratch.NAME, ""));
      err.println("holdfast: WARNING: what follows says nothing of a disk");
    }
    List<DiskFigures.Cell> cells = new ArrayList<>();
    DiskFigures last = null;
    for (DiskPolicy policy : DiskPolicy.all()) {
      last = measure(policy, arguments, scratch, how, warning);
      if (last == null) {
        return null;
      }
      cells.addAll(last.cells());
    }
    return last == null ? null : last.withCells(cells);
  }

  private @Nullable DiskFigures measure(
      DiskPolicy policy,
      DiskBenchArguments arguments,
      DiskScratch scratch,
      String how,
      @Nullable String warning)
      throws IOException, InterruptedException {
    int turns = Math.clamp((long) (arguments.seconds() / TURN_SECONDS_MIN), 1, TURNS);
    List<int[]> plan = plan();
    long cellNs = (long) (arguments.seconds() * 1e9 / turns / plan.size());
    List<Calibration.Found> calibrations = new ArrayList<>();
    List<List<DiskLoad.Measured>> seen = new ArrayList<>();
    plan.forEach(each -> seen.add(new ArrayList<>()));
    LocalDisk disk = scratch.disk();
    DiskWork work;
    CommitTimes.Live live;
    try (DiskLoad load = new DiskLoad(disk, policy.options(), scratch::isStopping)) {
      say("%s: warming up", policy.name());
      work = work(load, (long) (arguments.seconds() * 1e9 / 10));
      for (int turn = 0; turn < turns; turn++) {
        Calibration.Found calibration = Calibration.of(disk);
        if (calibration == null) {
          throw new IOException("it is too slow to be measured within two seconds");
        }
        calibrations.add(calibration);
        for (int i = 0; i < plan.size() && !scratch.isStopping(); i++) {
          int[] cell = plan.get(i);
          if (i % 8 == 0) {
            say("%s: turn %d of %d, %s", policy.name(), turn + 1, turns, DiskFigures.size(cell[0]));
          }
          seen.get(i).add(load.run(cell[0], cell[1], cellNs));
        }
        if (scratch.isStopping()) {
          return null;
        }
      }
      live = load.store().commitTimes().live(policy.model().apply(calibrations.getLast()));
    }
    double swing = DiskFigures.swing(calibrations);
    if (swing > SWING_MAX) {
      say(
          "WARNING: W + F of one turn was %s times that of another: others use this disk or this"
              + " machine, and the figures are theirs too",
          DiskFigures.plain(swing));
    }
    Calibration.Found middle = DiskFigures.middle(calibrations);
    List<DiskFigures.Cell> cells = new ArrayList<>();
    for (int i = 0; i < plan.size(); i++) {
      int[] cell = plan.get(i);
      double predicted =
          work.groupNs(policy.model().apply(middle), cell[1], cell[0], DiskPolicy.BUFFER_BYTES);
      cells.add(
          new DiskFigures.Cell(
              policy.name(), cell[0], cell[1], predicted, DiskLoad.Measured.middle(seen.get(i))));
    }
    return new DiskFigures(
        arguments.dataDir().toString(),
        how,
        warning,
        swing,
        live,
        middle.durable(),
        middle.cached(),
        middle.isSplit(),
        work,
        cells,
        SKIPPED);
  }

  private static List<int[]> plan() {
    List<int[]> plan = new ArrayList<>();
    for (int size : SIZES) {
      for (int outstanding : OUTSTANDING) {
        if ((long) size * outstanding <= UNDER_WAY_BYTES_MAX) {
          plan.add(new int[] {size, outstanding});
        }
      }
    }
    return plan;
  }

  /// Also what makes the first cells run as fast as the last: the code is compiled by then.
  private static DiskWork work(DiskLoad load, long forNs) throws IOException, InterruptedException {
    load.run(1 << 20, 4, forNs);
    load.run(1 << 10, 1_000, forNs);
    int large = 64 << 10;
    double largeNs = load.run(large, 8, forNs / 2).workNs();
    return DiskWork.of(64, load.run(64, 1_000, forNs / 2).workNs(), large, largeNs);
  }

  private void say(String format, Object... arguments) {
    err.println("holdfast: " + String.format(Locale.ROOT, format, arguments));
  }
}
