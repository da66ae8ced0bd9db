package holdfast.store;

import java.util.Arrays;

/// The bytes of a body: in one array, or in pieces of one size, of which the last may be shorter. A
/// large one in one array would have to be made of smaller ones as it comes, and clearing and
/// copying so much at once holds up everything else of its thread, and every pause of the JVM.
///
/// Nobody changes the bytes afterwards.
public final class Body {
  private static final int PIECE_SHIFT = 18;

  /// A body up to this size is in one array.
  public static final int PIECE_BYTES = 1 << PIECE_SHIFT;

  private final byte[][] pieces;
  private final int length;

  private Body(byte[][] pieces, int length) {
    this.pieces = pieces;
    this.length = length;
  }

  public static Body of(byte[] whole) {
    return new Body(new byte[][] {whole}, whole.length);
  }

  /// @param pieces each of [#PIECE_BYTES], but for the last
  public static Body of(byte[][] pieces) {
    int last = pieces.length - 1;
    for (int i = 0; i < last; i++) {
      if (pieces[i].length != PIECE_BYTES) {
        throw new IllegalArgumentException(
            "piece " + i + " of a body has " + pieces[i].length + " bytes");
      }
    }
    return new Body(pieces, last * PIECE_BYTES + pieces[last].length);
  }

  public int length() {
    return length;
  }

  private boolean isWhole() {
    return pieces.length == 1;
  }

  /// The array that holds the byte at a position.
  public byte[] arrayAt(int position) {
    return isWhole() ? pieces[0] : pieces[position >>> PIECE_SHIFT];
  }

  /// Where that byte is in that array.
  public int offsetAt(int position) {
    return isWhole() ? position : position & PIECE_BYTES - 1;
  }

  /// How many bytes from that one on are in that array.
  public int runAt(int position) {
    return arrayAt(position).length - offsetAt(position);
  }

  /// All of it in one array: its own if there is only one.
  public byte[] toBytes() {
    if (isWhole()) {
      return pieces[0];
    }
    byte[] whole = Arrays.copyOf(pieces[0], length);
    for (int i = 1; i < pieces.length; i++) {
      System.arraycopy(pieces[i], 0, whole, i * PIECE_BYTES, pieces[i].length);
    }
    return whole;
  }
}
