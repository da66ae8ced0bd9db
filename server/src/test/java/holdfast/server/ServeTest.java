package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Starts the program as a process of its own: signals, exit statuses and what goes to which stream
/// cannot be seen from inside.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ServeTest {
  private static final String READY = "Holdfast \\S+ ready in \\d+ ms: amqp \\S* ?data %s";

  @TempDir Path dir;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void saysOneLineWhenReadyAndStopsCleanlyOnSigterm() throws Exception {
    Path data = dir.resolve("new/data");
    Process broker = serve(data);
    assertThat(broker.inputReader().readLine()).matches(READY.formatted(data));
    assertThat(ControlClient.ask(data, "status")).startsWith("{");
    // Process.destroy would close the streams as well.
    broker.toHandle().destroy();
    assertThat(broker.waitFor(6, TimeUnit.SECONDS)).isTrue();
    assertThat(broker.exitValue()).isEqualTo(ExitStatus.CLEAN.code());
    assertThat(broker.inputReader().readLine()).as("nothing else on standard output").isNull();
    assertThat(data.resolve("control.sock")).doesNotExist();
  }

  @Test
  void startsAgainAfterAKill() throws Exception {
    Path data = dir.resolve("data");
    Process killed = serve(data);
    assertThat(killed.inputReader().readLine()).contains("ready in");
    killed.destroyForcibly().waitFor();
    assertThat(data.resolve("control.sock")).exists();
    Process broker = serve(data);
    assertThat(broker.inputReader().readLine()).contains("ready in");
    assertThat(ControlClient.ask(data, "connections")).isEqualTo("[]");
  }

  @Test
  void aSecondBrokerOnTheSameDataIsRefused() throws Exception {
    Path data = dir.resolve("data");
    assertThat(serve(data).inputReader().readLine()).contains("ready in");
    Process second = serve(data);
    assertThat(second.waitFor()).isEqualTo(ExitStatus.DATA_REFUSED.code());
    assertThat(Files.readString(errors(1))).contains(data.toString());
  }

  @Test
  void aFileInTheWayOfTheDataIsRefused() throws Exception {
    Path data = Files.writeString(dir.resolve("data"), "");
    Process broker = serve(data);
    assertThat(broker.waitFor()).isEqualTo(ExitStatus.DATA_REFUSED.code());
    assertThat(Files.readString(errors(0))).contains("a file is in the way");
    assertThat(broker.inputReader().readLine()).isNull();
  }

  @Test
  void theAgeOfTheProcessIsCountedFromItsStart() {
    assertThat(ProcessAge.ms()).isPositive();
    String stat = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 6000 20 21";
    assertThat(ProcessAge.ofKernel(stat, "61.25 90.00\n")).isEqualTo(1250);
    assertThat(ProcessAge.sinceThen("60.75", "61.25 90.00\n")).as("after a build").isEqualTo(500);
  }

  /// What is a little larger than a region takes two, and what is half of one is copied in pauses.
  @Test
  void piecesOfVeryLargeBodiesFillARegionOfTheHeap() throws Exception {
    assertThat(Files.readString(Path.of("src/main/dist/jvm.options")))
        .contains("\n-XX:G1HeapRegionSize=1m\n");
    int arrayHeaderBytes = 16;
    assertThat(Message.pieceBytes(64 << 20) + arrayHeaderBytes).isEqualTo(1 << 20);
  }

  private Process serve(Path data) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("-XX:+UseSerialGC");
    String modules = System.getProperty("jdk.module.path");
    if (modules == null) {
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    } else {
      String main = Main.class.getModule().getName() + "/" + Main.class.getName();
      command.addAll(List.of("-p", modules, "-m", main));
    }
    command.addAll(List.of("--port", "0", "--bind", "127.0.0.1", "--data", data.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(errors(started.size()).toFile()).start();
    started.add(process);
    return process;
  }

  private Path errors(int index) {
    return dir.resolve("stderr-" + index);
  }
}
