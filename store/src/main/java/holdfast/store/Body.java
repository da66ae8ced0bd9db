package holdfast.store;

import java.util.Arrays;

/// The bytes of a body: in one array, or in pieces of one size, of which the last may be shorter. A
/// large one in one array would have to be made of smaller ones as it comes, and clearing and
/// copying so much at once holds up everything else of its thread, and every pause of the JVM.
///
/// The pieces of a very large one each fill a region of the heap (1 MiB, as the broker sets it):
/// the collector leaves such arrays where they are, and would copy smaller ones in a pause, all of
/// them, for as long as the body is there.
///
/// Nobody changes the bytes afterwards.
public final class Body {
  private static final int KIB = 1024;
  private static final int PIECE_BYTES = 256 * KIB;

  /// 1 MiB with the header of an array.
  private static final int REGION_BYTES = 1024 * KIB - 16;

  /// From here on pieces fill a region: the last one, which may leave most of its own empty, is
  /// then little beside the others.
  private static final int VERY_LARGE_BYTES = 4096 * KIB;

  private final byte[][] pieces;
  private final int pieceBytes;
  private final int length;

  private Body(byte[][] pieces, int pieceBytes, int length) {
    this.pieces = pieces;
    this.pieceBytes = pieceBytes;
    this.length = length;
  }

  public static Body of(byte[] whole) {
    return new Body(new byte[][] {whole}, whole.length, whole.length);
  }

  /// @param pieces each of [#pieceBytes] for what they have in all, but for the last
  public static Body of(byte[][] pieces) {
    int length = 0;
    for (byte[] piece : pieces) {
      length += piece.length;
    }
    int each = pieceBytes(length);
    for (int i = 0; i < pieces.length; i++) {
      int due = Math.min(each, length - i * each);
      if (pieces[i].length != due) {
        throw new IllegalArgumentException(
            "piece " + i + " of a body of " + length + " bytes has " + pieces[i].length);
      }
    }
    return new Body(pieces, each, length);
  }

  /// Size of the pieces of a body of so many bytes. One that is no longer is in one array.
  public static int pieceBytes(long length) {
    return length < VERY_LARGE_BYTES ? PIECE_BYTES : REGION_BYTES;
  }

  public int length() {
    return length;
  }

  private boolean isWhole() {
    return pieces.length == 1;
  }

  /// The array that holds the byte at a position.
  public byte[] arrayAt(int position) {
    return isWhole() ? pieces[0] : pieces[position / pieceBytes];
  }

  /// Where that byte is in that array.
  public int offsetAt(int position) {
    return isWhole() ? position : position % pieceBytes;
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
      System.arraycopy(pieces[i], 0, whole, i * pieceBytes, pieces[i].length);
    }
    return whole;
  }
}
