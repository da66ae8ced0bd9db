package holdfast.server;

/// Our reader of JSON, for tests in other packages.
public final class JsonText {
  private JsonText() {}

  public static Object read(String text) {
    return JsonReader.read(text);
  }
}
