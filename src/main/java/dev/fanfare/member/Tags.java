package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.audience.Term;
import dev.fanfare.schema.TermRecord;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads the tags of an app as last committed. Any thread.
public final class Tags {
  private final Store store;

  public Tags(Store store) {
    this.store = store;
  }

  /// A tag that some member has.
  public record Counted(String name, int members) {}

  /// Tags that begin with a prefix, in order of their bytes.
  ///
  /// @param after only tags that come after this one; empty for all
  /// @param most of them
  public List<Counted> list(int app, String prefix, String after, int most) {
    List<Counted> found = new ArrayList<>();
    byte[] first = start(app, prefix);
    byte[] from = after.isEmpty() ? first : start(app, after + '\0');
    store.scan(
        Table.TERM,
        Arrays.compareUnsigned(from, first) < 0 ? first : from,
        Key.after(first),
        (key, value) -> {
          String name =
              new String(
                  key, Integer.BYTES + 1, key.length - Integer.BYTES - 1, StandardCharsets.UTF_8);
          found.add(new Counted(name, members(value)));
          return found.size() < most;
        });
    return found;
  }

  private static byte[] start(int app, String name) {
    return Key.of(app).and((byte) Term.TAG).and(name).toBytes();
  }

  static byte[] key(Term term) {
    return Key.of(term.app()).and((byte) term.kind()).and(term.name()).toBytes();
  }

  static int members(byte[] stored) {
    try {
      return TermRecord.parseFrom(stored).getMembers();
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a term's record is damaged", e);
    }
  }
}
