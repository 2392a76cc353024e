package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.app.App;
import dev.fanfare.audience.Traits;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.FormerMember;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.PurgedRecord;
import dev.fanfare.schema.Registration;
import dev.fanfare.schema.SlotValue;
import dev.fanfare.schema.TagRemoval;
import dev.fanfare.schema.TombstoneRecord;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.store.Tables;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/// Reads the registry as it is in the tables: last committed, or at the moment of a snapshot. Any
/// thread.
public final class Members {
  private final Tables store;

  public Members(Tables store) {
    this.store = store;
  }

  /// A registered member by its id.
  public Optional<Member> find(App app, String id) {
    byte[] stored = store.get(Table.MEMBER, key(app.number(), id));
    return stored == null
        ? Optional.empty()
        : Optional.of(member(app, id, RemovedTags.without(parse(stored), app.tagRemovals())));
  }

  /// Members in order of the bytes of their ids, those after an id.
  ///
  /// @param after empty for all
  /// @param most of them
  public List<Member> after(App app, String after, int most) {
    List<Member> found = new ArrayList<>();
    byte[] all = Key.bytes(app.number());
    store.scan(
        Table.MEMBER,
        after.isEmpty() ? all : key(app.number(), after + '\0'),
        Key.after(all),
        (key, value) -> {
          String id =
              new String(key, Integer.BYTES, key.length - Integer.BYTES, StandardCharsets.UTF_8);
          found.add(member(app, id, RemovedTags.without(parse(value), app.tagRemovals())));
          return found.size() < most;
        });
    return found;
  }

  /// When an id was registered, as far as that is known.
  public History history(int app, String id) {
    // First, so that a removal between the two reads is told twice and not left out.
    byte[] stored = store.get(Table.MEMBER, key(app, id));
    FormerMember former = FormerMembers.parse(store.get(Table.FORMER_MEMBER, key(app, id)));
    List<History.Stay> stays = new ArrayList<>();
    for (Registration ended : former.getRegistrationsList()) {
      stays.add(
          new History.Stay(
              ended.getOrdinal(),
              ended.getRegistered(),
              ended.getRegisteredAt(),
              ended.getRemoved(),
              ended.getRemovedAt()));
    }
    if (stored != null) {
      MemberRecord now = parse(stored);
      if (former.getRegistrationsList().stream()
          .noneMatch(ended -> ended.getOrdinal() == now.getOrdinal())) {
        stays.add(
            new History.Stay(now.getOrdinal(), now.getCreated(), now.getRegisteredAt(), 0, 0));
      }
    }
    return new History(stays, former.getForgottenUntil(), forgotten(app));
  }

  private long forgotten(int app) {
    byte[] stored = store.get(Table.PURGED, Key.bytes(app));
    try {
      return stored == null ? 0 : PurgedRecord.parseFrom(stored).getDeparted();
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("how far purging has come is damaged", e);
    }
  }

  /// What an audience is judged by, of a registered member.
  ///
  /// @param attributeNames by slot
  public Optional<Traits> traits(int app, String id, List<String> attributeNames) {
    return record(app, id).map(record -> new StoredTraits(id, record, attributeNames));
  }

  /// When a registered member last changed, if that was after the entry with this offset; else 0.
  public long changedAfter(int app, String id, long offset) {
    return record(app, id)
        .filter(record -> record.getVersion() > offset)
        .map(MemberRecord::getModified)
        .orElse(0L);
  }

  /// A member's record as everyone sees it, whatever of a removed tag is still stored.
  private Optional<MemberRecord> record(int app, String id) {
    byte[] stored = store.get(Table.MEMBER, key(app, id));
    return stored == null
        ? Optional.empty()
        : Optional.of(RemovedTags.without(parse(stored), removals(app)));
  }

  private List<TagRemoval> removals(int app) {
    byte[] stored = store.get(Table.APP, Key.bytes(app));
    try {
      return stored == null ? List.of() : AppRecord.parseFrom(stored).getTagRemovalsList();
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an app's record is damaged", e);
    }
  }

  /// Which members of a chunk of 65,536 ordinals were removed, as low 16 bits.
  public RoaringBitmap removed(int app, int chunk) {
    return BitmapBytes.parse(store.get(Table.REMOVED, Key.of(app).and(chunk).toBytes()));
  }

  /// The last second since the epoch whose credentials a member's removal or a revocation made
  /// invalid; 0 for none.
  ///
  /// @param now by the node's clock: a removal is forgotten after the app's credential age
  public long credentialsNotBefore(App app, String id, Instant now) {
    byte[] key = key(app.number(), id);
    byte[] member = store.get(Table.MEMBER, key);
    byte[] tombstone = store.get(Table.TOMBSTONE, key);
    long revoked = member == null ? 0 : parse(member).getCredentialsNotBefore();
    if (tombstone == null) {
      return revoked;
    }
    TombstoneRecord left = Tombstones.parse(tombstone);
    long age = Integer.toUnsignedLong(app.limits().getCredentialAgeSeconds());
    long removed = now.getEpochSecond() > left.getRemoved() + age ? 0 : left.getRemoved();
    return Math.max(Math.max(revoked, left.getCredentialsNotBefore()), removed);
  }

  /// The id of a member that is or was registered; empty when it left and is forgotten.
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

  /// The ids of some members of one chunk of 65,536 ordinals, those who left included.
  ///
  /// @param members low 16 bits
  public List<String> ids(int app, int chunk, RoaringBitmap members) {
    List<String> ids = new ArrayList<>(members.getCardinality());
    if (members.isEmpty()) {
      return ids;
    }
    int base = chunk << 16;
    byte[] last = ordinalKey(app, base | members.last());
    store.scan(
        Table.ORDINAL,
        ordinalKey(app, base | members.first()),
        Key.after(last),
        (key, id) -> {
          if (members.contains(ByteBuffer.wrap(key).getInt(Integer.BYTES) & 0xFFFF)) {
            ids.add(new String(id, StandardCharsets.UTF_8));
          }
          return true;
        });
    return ids;
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

  private record StoredTraits(String id, MemberRecord record, List<String> attributeNames)
      implements Traits {
    @Override
    public boolean hasTag(String name) {
      return record.getTagsList().contains(name);
    }

    @Override
    public boolean hasAttribute(String name, String value) {
      int slot = attributeNames.indexOf(name);
      return record.getAttributesList().stream()
          .anyMatch(attribute -> attribute.getSlot() == slot && attribute.getValue().equals(value));
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
