package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClassCacheTest {
  @Test
  void aCacheIsInUseWhereItsFileIsMapped() {
    String mapped =
        """
        7ffc00000-7ffd7f000 rw-p 01d90000 fe:00 2146390                          /srv/my cache.aot
        7f3c7c829000-7f3c7c8f5000 r-xp 00000000 fe:00 11                         /jdk/libjvm.so
        """;
    assertThat(ClassCache.ofMaps(mapped)).isEqualTo("in use");
    assertThat(ClassCache.ofMaps(mapped.replace(".aot", ".aot.so"))).isEqualTo("not in use");
  }

  @Test
  void thisJvmOfATestHasNone() {
    assertThat(ClassCache.state()).isIn("not in use", "unknown");
  }
}
