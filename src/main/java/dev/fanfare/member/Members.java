package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.app.App;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.SlotValue;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Reads the registry as last committed. Any thread.
public final class Members {
  private final Store store;

  public Members(Store store) {
    this.store = store;
  }

  /// A registered member by its id.
  public Optional<Member> find(App app, String id) {
    byte[] stored = store.get(Table.MEMBER, key(app.number(), id));
    return stored == null
        ? Optional.empty()
        : Optional.of(member(app, id, RemovedTags.without(parse(stored), app.tagRemovals())));
  }

  /// The id of a member that is or was registered.
  public Optional<String> idOf(int app, int ordinal) {
    byte[] stored = store.get(Table.ORDINAL, ordinalKey(app, ordinal));
    return Optional.ofNullable(stored).map(id -> new String(id, StandardCharsets.UTF_8));
  }

  /// The member that has an ordinal; empty when it left.
  Optional<Member> at(App app, int ordinal) {
    return idOf(app.number(), ordinal)
        .flatMap(id -> find(app, id))
        .filter(member -> member.ordinal() == ordinal);
  }

  static byte[] key(int app, String id) {
    return Key.of(app).and(id).toBytes();
  }

  static byte[] ordinalKey(int app, int ordinal) {
    return Key.of(app).and(ordinal).toBytes();
  }

  static MemberRecord parse(byte[] stored) {
    try {
      return MemberRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a member's record is damaged", e);
    }
  }

  private static Member member(App app, String id, MemberRecord stored) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (SlotValue attribute : stored.getAttributesList()) {
      String name = app.attributeName(attribute.getSlot());
      if (!name.isEmpty()) {
        attributes.put(name, attribute.getValue());
      }
    }
    Map<String, String> ext = new LinkedHashMap<>();
    stored.getExtList().forEach(entry -> ext.put(entry.getKey(), entry.getValue()));
    return new Member(
        id,
        stored.getOrdinal(),
        stored.getNickName(),
        stored.getPortrait(),
        stored.getTagsList(),
        attributes,
        ext,
        stored.getRobot(),
        stored.getCreated(),
        stored.getModified(),
        stored.getVersion());
  }
}
