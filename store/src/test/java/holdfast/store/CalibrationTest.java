package holdfast.store;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CalibrationTest {
  @TempDir Path directory;

  @Test
  void findsTheLettersOfARealDiskAndLeavesNothingBehind() throws IOException {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      Files.writeString(directory.resolve(Calibration.NAME), "left by a killed process");
      Calibration.Found found = requireNonNull(Calibration.of(disk));
      TimeModel durable = found.durable();
      assertThat(durable.transferBytesPerSecond()).isBetween(1e5, 1e12);
      assertThat(durable.commitNs(4096)).isBetween(100.0, 2e9);
      assertThat(durable.handOverNs()).isBetween(0.0, 1e9);
      assertThat(found.cached().syncNs()).isZero();
      assertThat(disk.names()).containsExactly("lock");
    }
  }

  @Test
  void leavesAFullDiskAlone() throws IOException {
    try (LocalDisk real = LocalDisk.open(directory)) {
      assertThat(Calibration.of(with(real, Calibration.FREE_BYTES_MIN - 1, 0, false))).isNull();
      assertThat(real.names()).containsExactly("lock");
    }
  }

  @Test
  void endsInTimeOnASlowDisk() throws IOException {
    try (LocalDisk real = LocalDisk.open(directory)) {
      long begun = System.nanoTime();
      assertThat(Calibration.of(with(real, Long.MAX_VALUE, 300, false))).isNull();
      assertThat(System.nanoTime() - begun).isLessThan(4_000_000_000L);
      assertThat(real.names()).containsExactly("lock");
    }
  }

  @Test
  void aFailedWriteIsToldAndLeavesNothingBehind() throws IOException {
    try (LocalDisk real = LocalDisk.open(directory)) {
      Disk failing = with(real, Long.MAX_VALUE, 0, true);
      assertThatThrownBy(() -> Calibration.of(failing)).hasMessage("no space left");
      assertThat(real.names()).containsExactly("lock");
    }
  }

  /// The real disk with another idea of its room, slower, or whose small durable writes fail.
  private static Disk with(LocalDisk real, long usableBytes, long writeMs, boolean isFailing) {
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "usableBytes" -> usableBytes;
                  case "open" ->
                      slow(
                          real.open((String) arguments[0], (Disk.Access) arguments[1]),
                          writeMs,
                          isFailing);
                  default -> method.invoke(real, arguments);
                });
  }

  private static DiskFile slow(DiskFile file, long writeMs, boolean isFailing) {
    return (DiskFile)
        Proxy.newProxyInstance(
            DiskFile.class.getClassLoader(),
            new Class<?>[] {DiskFile.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("write")) {
                if (isFailing && ((java.nio.ByteBuffer) arguments[0]).remaining() == 4096) {
                  throw new IOException("no space left");
                }
                LockSupport.parkNanos(writeMs * 1_000_000);
              }
              return method.invoke(file, arguments);
            });
  }
}
