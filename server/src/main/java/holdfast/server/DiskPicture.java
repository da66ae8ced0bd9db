package holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/// The figures of `holdfast bench disk` as a picture, SVG: lines are predicted, points measured. To
/// the left how long a record alone waits, by its size; to the right how many records there are a
/// second, by how many are outstanding.
final class DiskPicture {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 470;
  private static final int TOP = 84;
  private static final int BOTTOM = 380;
  private static final String[] COLORS = {"#1565c0", "#c62828", "#2e7d32", "#6a1b9a", "#b26a00"};
  private static final int[] SIZES_SHOWN = {64, 1 << 10, 16 << 10, 256 << 10};

  private final StringBuilder svg = new StringBuilder();

  private DiskPicture() {}

  static String of(DiskFigures figures) {
    DiskPicture picture = new DiskPicture();
    picture.begin(figures);
    picture.byOneAlone(figures);
    picture.byOutstanding(figures);
    return picture.svg.append("</svg>\n").toString();
  }

  /// A coordinate system with logarithmic axes, and what stands around it.
  private record Axes(int left, int right, double minX, double maxX, double minY, double maxY) {
    double x(double value) {
      return left + (right - left) * Math.log(value / minX) / Math.log(maxX / minX);
    }

    double y(double value) {
      return BOTTOM - (BOTTOM - TOP) * Math.log(value / minY) / Math.log(maxY / minY);
    }
  }

  private void begin(DiskFigures figures) {
    line(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" aria-labelledby=\"title desc\""
            + " font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\" font-size=\"13\">",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    line("  <title id=\"title\">The time model of persistence, predicted and measured</title>");
    line(
        "  <desc id=\"desc\">Left: the time until a single record is confirmed, by its size. Right:"
            + " records a second by records outstanding. Lines are predicted by the model, points"
            + " are measured.</desc>");
    line(
        "  <rect x=\"1\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"10\" fill=\"#ffffff\""
            + " stroke=\"#cfd8dc\"/>",
        WIDTH - 2, HEIGHT - 2);
    String model =
        "T = S/R + W + F + H     R %s MB/s, W %s us, F %s us, H %s us     %s"
            .formatted(
                DiskFigures.plain(figures.durable().transferBytesPerSecond() / 1e6),
                DiskFigures.us(figures.durable().writeNs()),
                DiskFigures.us(figures.durable().syncNs()),
                DiskFigures.us(figures.durable().handOverNs()),
                figures.how());
    text(WIDTH / 2.0, 28, "middle", "font-size=\"14\" fill=\"#263238\"", model);
  }

  private void byOneAlone(DiskFigures figures) {
    List<DiskFigures.Cell> alone =
        figures.cells().stream().filter(cell -> cell.outstanding() == 1).toList();
    Axes axes = axes(70, 480, alone, 64, 4 << 20, true);
    frame(axes, "Time until a record alone is confirmed", "size of the record");
    for (int size = 64; size <= 4 << 20; size *= 16) {
      verticalLine(axes, size, DiskFigures.size(size));
    }
    horizontalLines(axes, true);
    int number = 0;
    for (String policy : new TreeSet<>(alone.stream().map(DiskFigures.Cell::policy).toList())) {
      List<DiskFigures.Cell> of =
          alone.stream().filter(cell -> cell.policy().equals(policy)).toList();
      curve(axes, of, COLORS[number % COLORS.length], true);
      legend(axes.left + 12, TOP + 20 + 20 * number, COLORS[number % COLORS.length], policy);
      number++;
    }
  }

  private void byOutstanding(DiskFigures figures) {
    String policy = figures.cells().getFirst().policy();
    List<DiskFigures.Cell> cells = new ArrayList<>();
    for (int size : SIZES_SHOWN) {
      figures.cells().stream()
          .filter(cell -> cell.policy().equals(policy) && cell.bodyBytes() == size)
          .forEach(cells::add);
    }
    Axes axes = axes(570, 970, cells, 1, 10_000, false);
    frame(axes, "Records a second, policy " + policy, "records outstanding");
    for (int outstanding = 1; outstanding <= 10_000; outstanding *= 10) {
      verticalLine(axes, outstanding, DiskFigures.plain(outstanding));
    }
    horizontalLines(axes, false);
    int number = 0;
    for (int size : SIZES_SHOWN) {
      String color = COLORS[number % COLORS.length];
      curve(axes, cells.stream().filter(c -> c.bodyBytes() == size).toList(), color, false);
      legend(axes.left + 12, TOP + 20 + 20 * number, color, DiskFigures.size(size));
      number++;
    }
  }

  private static Axes axes(
      int left, int right, List<DiskFigures.Cell> cells, double minX, double maxX, boolean isTime) {
    double min = Double.MAX_VALUE;
    double max = Double.MIN_VALUE;
    for (DiskFigures.Cell cell : cells) {
      for (boolean isPredicted : new boolean[] {true, false}) {
        min = Math.min(min, value(cell, isTime, isPredicted));
        max = Math.max(max, value(cell, isTime, isPredicted));
      }
    }
    double low = Math.pow(10, Math.floor(Math.log10(min)));
    double high = Math.pow(10, Math.ceil(Math.log10(max)));
    return new Axes(left, right, minX, maxX, low, Math.max(high, 10 * low));
  }

  private static double value(DiskFigures.Cell cell, boolean isTime, boolean isPredicted) {
    if (isTime) {
      return isPredicted ? cell.predictedNs() : cell.seen().p50Ns();
    }
    return Math.max(1, isPredicted ? cell.predictedRate() : cell.seen().ratePerSecond());
  }

  private void frame(Axes axes, String title, String below) {
    double middle = (axes.left + axes.right) / 2.0;
    text(
        middle,
        TOP - 20,
        "middle",
        "font-size=\"15\" font-weight=\"bold\" fill=\"#263238\"",
        title);
    text(middle, BOTTOM + 42, "middle", "fill=\"#37474f\"", below);
    line(
        "  <rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#90a4ae\"/>",
        axes.left, TOP, axes.right - axes.left, BOTTOM - TOP);
    text(
        middle,
        HEIGHT - 22,
        "middle",
        "font-size=\"12\" fill=\"#546e7a\"",
        "lines: predicted     points: measured, the middle");
  }

  private void verticalLine(Axes axes, double value, String label) {
    double x = axes.x(value);
    line(
        "  <line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#dfe5e8\"/>",
        x, TOP, x, BOTTOM);
    text(x, BOTTOM + 18, "middle", "fill=\"#546e7a\"", label);
  }

  private void horizontalLines(Axes axes, boolean isTime) {
    for (double value = axes.minY; value <= axes.maxY * 1.01; value *= 10) {
      double y = axes.y(value);
      line(
          "  <line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dfe5e8\"/>",
          axes.left, y, axes.right, y);
      text(axes.left - 8, y + 4, "end", "fill=\"#546e7a\"", isTime ? time(value) : count(value));
    }
  }

  private static String time(double ns) {
    return ns >= 1e9
        ? DiskFigures.plain(ns / 1e9) + " s"
        : ns >= 1e6 ? DiskFigures.plain(ns / 1e6) + " ms" : DiskFigures.us(ns) + " us";
  }

  private static String count(double value) {
    return value >= 1e6
        ? DiskFigures.plain(value / 1e6) + " M"
        : value >= 1e3 ? DiskFigures.plain(value / 1e3) + " k" : DiskFigures.plain(value);
  }

  private void curve(Axes axes, List<DiskFigures.Cell> cells, String color, boolean isTime) {
    StringBuilder points = new StringBuilder();
    StringBuilder dots = new StringBuilder();
    for (DiskFigures.Cell cell : cells) {
      double x = axes.x(isTime ? cell.bodyBytes() : cell.outstanding());
      double predicted = axes.y(value(cell, isTime, true));
      double measured = axes.y(value(cell, isTime, false));
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, predicted));
      dots.append(
          String.format(
              Locale.ROOT,
              "  <circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"%s\" stroke=\"#ffffff\"/>%n",
              x,
              measured,
              color));
    }
    line(
        "  <polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
        points.toString().strip(), color);
    svg.append(dots);
  }

  private void legend(int x, int y, String color, String label) {
    line(
        "  <line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>",
        x, y, x + 22, y, color);
    line("  <circle cx=\"%d\" cy=\"%d\" r=\"4.5\" fill=\"%s\"/>", x + 11, y, color);
    text(x + 30, y + 4, "start", "fill=\"#263238\"", label);
  }

  private void text(double x, double y, String anchor, String style, String content) {
    line(
        "  <text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s xml:space=\"preserve\">%s</text>",
        x, y, anchor, style, content.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private void line(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
