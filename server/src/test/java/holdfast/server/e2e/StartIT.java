package holdfast.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import holdfast.testkit.TestCertificate;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What a start rests on: the class cache that was made with the package, and an image that needs
/// neither a JDK nor the place it was made in.
@EnabledOnOs(OS.LINUX)
class StartIT {
  private static final String IN_USE = "class cache in use";

  private final List<Path> directories = new ArrayList<>();

  @BeforeEach
  void requireTheLauncher() {
    String unavailable = BrokerProcess.whyUnavailable();
    assumeTrue(unavailable.isEmpty(), unavailable);
    assumeTrue(System.getProperty(BrokerProcess.COMMAND_PROPERTY) == null, "another broker");
  }

  @AfterEach
  void removeDirectories() {
    directories.forEach(Directories::remove);
  }

  private Path directory(String name) throws IOException {
    Path directory = BrokerProcess.freshDirectory(name);
    directories.add(directory);
    return directory;
  }

  @Test
  void theLauncherStartsFromTheCacheThatWasMadeWithThePackage() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(directory("start"))) {
      assertThat(broker.log()).contains(IN_USE).doesNotContain("[warning]");
      serveOne(broker, new ConnectionFactory(), broker.port());
    }
  }

  @Test
  void anImageRunsElsewhereWithoutAJdkFromItsOwnCacheAndWithItsNativeLibraries() throws Exception {
    Path made = directory("image");
    Path image = made.resolve("image");
    run(BrokerProcess.repository().resolve("bin/image").toString(), image.toString());
    Path moved = directory("moved").resolve("holdfast");
    run("cp", "-R", image.toString(), moved.toString());
    Directories.remove(image);

    TestCertificate authority = TestCertificate.authority("CN=authority", Instant.now());
    Path certificates = directory("certificates");
    authority.issue("CN=localhost").write(certificates, authority);
    try (BrokerProcess broker =
        BrokerProcess.startCommand(
            // Nothing of the caller's environment, so no JAVA_HOME and no java on the path.
            List.of("env", "-i", "PATH=/usr/bin:/bin", moved.resolve("bin/holdfast").toString()),
            directory("start"),
            "--bind=127.0.0.1",
            "--set=listeners.ssl.default=127.0.0.1:0",
            "--set=ssl_options.certfile=" + certificates.resolve("cert.pem"),
            "--set=ssl_options.keyfile=" + certificates.resolve("key.pem"))) {
      assertThat(broker.log()).contains(IN_USE, "serving by epoll").doesNotContain("[warning]");
      if (System.getProperty("os.arch").equals("amd64")) {
        assertThat(broker.log()).contains("TLS by BoringSSL");
      }
      serveOne(broker, new ConnectionFactory(), broker.port());
      ConnectionFactory encrypted = new ConnectionFactory();
      encrypted.useSslProtocol(authority.client(null));
      serveOne(broker, encrypted, broker.tlsPort());
    }
  }

  private static void serveOne(BrokerProcess broker, ConnectionFactory factory, int port)
      throws Exception {
    factory.setHost("localhost");
    factory.setPort(port);
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare("q", true, false, false, null);
      channel.confirmSelect();
      byte[] body = "one".getBytes(StandardCharsets.UTF_8);
      channel.basicPublish("", "q", MessageProperties.PERSISTENT_BASIC, body);
      channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(30));
      GetResponse got = channel.basicGet("q", true);
      assertThat(got).as(broker.logTail()).isNotNull();
      assertThat(got.getBody()).isEqualTo(body);
    }
  }

  private static void run(String... command) throws Exception {
    File said = File.createTempFile("said", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said);
    builder.environment().put("HOLDFAST_NO_BUILD", "1");
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("it ends").isTrue();
    assertThat(process.exitValue()).as(Files.readString(said.toPath())).isZero();
    Files.delete(said.toPath());
  }
}
