package dev.fanfare.replica;

import dev.fanfare.audience.Audience;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the replica should hold, the naive way: maps, sets and loops.
final class Model {
  static final int TAG_LIMIT = 6;

  static final int TOMBSTONES = 2;
  static final long CREDENTIAL_AGE = 10;
  static final long RECEIPTS_KEPT = 30;
  static final long BROADCASTS_KEPT = 90_000;
  private static final long DAY_MILLIS = 86_400_000;

  final Map<String, Person> members = new TreeMap<>();

  /// Seconds at which members were removed and what was revoked of theirs, oldest removal first.
  final Map<String, Grave> graves = new LinkedHashMap<>();

  record Grave(long removed, long notBefore) {}

  final List<Push> pushes = new ArrayList<>();

  /// Every stay of an id, oldest first.
  final Map<String, List<Stay>> stays = new TreeMap<>();

  /// Counts what happens, so that two things at the same time have an order.
  long events;

  static final class Stay {
    final int ordinal;
    final long from;
    final long fromTime;
    long to;
    long toTime;
    long toOffset;

    Stay(int ordinal, long from, long fromTime) {
      this.ordinal = ordinal;
      this.from = from;
      this.fromTime = fromTime;
    }
  }

  static final class Person {
    long changed;
    long changedTime;
    String nick = "";
    boolean robot;
    long notBefore;
    final Set<String> tags = new LinkedHashSet<>();
    final Map<String, String> attributes = new TreeMap<>();
  }

  /// When the last stay ended that is forgotten.
  long forgotten;

  /// What was kept long enough goes.
  ///
  /// @param oldestEvent offset of the oldest event that waits for a webhook
  void purge(long now, long oldestEvent) {
    pushes.stream()
        .filter(push -> push.left != 0 && push.purged == 0)
        .filter(push -> push.left + RECEIPTS_KEPT * 1_000 <= now)
        .forEach(push -> push.purged = now);
    pushes.removeIf(push -> push.purged != 0 && push.left + BROADCASTS_KEPT * 1_000 <= now);
    long oldest = oldestEvent;
    for (Push push : pushes) {
      oldest = push.purged == 0 ? Math.min(oldest, push.number) : oldest;
    }
    for (List<Stay> all : stays.values()) {
      for (Stay stay : List.copyOf(all)) {
        boolean over = stay.to != 0 && stay.toTime + RECEIPTS_KEPT * 1_000 <= now;
        if (over && stay.toOffset < oldest) {
          all.remove(stay);
          forgotten = Math.max(forgotten, stay.toTime);
        }
      }
    }
    while (!graves.isEmpty() && dropGrave(now / 1_000)) {
      // The next one.
    }
  }

  private boolean dropGrave(long second) {
    Map.Entry<String, Grave> oldest = graves.entrySet().iterator().next();
    long age = second - oldest.getValue().removed();
    boolean dropped = graves.size() > TOMBSTONES || age > CREDENTIAL_AGE;
    return dropped && graves.remove(oldest.getKey()) != null;
  }

  enum Life {
    SCHEDULED,
    RUNNING,
    PAUSED,
    COMPLETED,
    CANCELLED,
    RECALLED,
    EXPIRED
  }

  static final class Push {
    final String id;
    final Audience audience;
    final long lifetime;
    final long startAt;
    int pace;
    Life life = Life.SCHEDULED;
    long number;
    long since;

    /// When it left the timeline, and when its receipts were removed.
    long left;

    long purged;
    long started;
    long begun;
    int pivot;

    /// Recipients in the order of release, and how many had it after each slice, and when.
    final List<String> order = new ArrayList<>();

    final List<Integer> sliceEnds = new ArrayList<>();
    final List<Long> sliceTimes = new ArrayList<>();
    Set<String> recipients = new TreeSet<>();
    int released;
    long nextDue;
    long tick;
    boolean live = true;
    final Set<String> reached = new TreeSet<>();
    final Set<String> delivered = new TreeSet<>();
    final Set<String> read = new TreeSet<>();

    Push(String id, Audience audience, long lifetime, int pace, long startAt) {
      this.id = id;
      this.audience = audience;
      this.lifetime = lifetime;
      this.pace = pace;
      this.startAt = startAt;
    }

    void become(Life next, long now) {
      since = next == life ? since : now;
      life = next;
    }

    /// Whether it can still be recalled.
    boolean recallable(long now) {
      return started > 0 && now <= started + Math.max(lifetime * 1_000, DAY_MILLIS);
    }

    boolean expired(long now) {
      return started > 0 && now >= started + lifetime * 1_000;
    }
  }

  /// A member by its id, made if need be; what was revoked before its removal stays so.
  Person person(String id) {
    return members.computeIfAbsent(
        id,
        _ -> {
          Person person = new Person();
          Grave grave = graves.get(id);
          person.notBefore = grave == null ? 0 : grave.notBefore();
          return person;
        });
  }

  boolean remove(String id, long second) {
    Person removed = members.remove(id);
    if (removed == null) {
      return false;
    }
    graves.remove(id);
    graves.put(id, new Grave(second, removed.notBefore));
    for (int i = 0; i < 2 && !graves.isEmpty(); i++) {
      boolean _ = dropGrave(second);
    }
    return true;
  }

  boolean logIn(String id, long issuedAt, long second) {
    Grave grave = graves.get(id);
    boolean dead = grave != null && issuedAt <= Math.max(grave.removed(), grave.notBefore());
    boolean done = members.containsKey(id) || (!dead && issuedAt >= second - CREDENTIAL_AGE);
    if (done) {
      Person _ = person(id);
    }
    return done;
  }

  /// The last second whose credentials are refused.
  long notBefore(String id, long second) {
    Person person = members.get(id);
    long notBefore = person == null ? 0 : person.notBefore;
    Grave grave = graves.get(id);
    if (grave != null) {
      notBefore = Math.max(notBefore, grave.notBefore());
      if (second <= grave.removed() + CREDENTIAL_AGE) {
        notBefore = Math.max(notBefore, grave.removed());
      }
    }
    return notBefore;
  }

  Set<String> select(Audience audience) {
    Set<String> selected = new TreeSet<>();
    members.forEach((id, member) -> {
      if (matches(audience, id, member)) {
        selected.add(id);
      }
    });
    return selected;
  }

  static boolean matches(Audience audience, String id, Person member) {
    return switch (audience) {
      case Audience.Everyone _ -> true;
      case Audience.Tag(var name) -> member.tags.contains(name);
      case Audience.Attribute(var name, var value) -> value.equals(member.attributes.get(name));
      case Audience.Members(var ids) -> ids.contains(id);
      case Audience.And(var parts) -> parts.stream().allMatch(p -> matches(p, id, member));
      case Audience.Or(var parts) -> parts.stream().anyMatch(p -> matches(p, id, member));
      case Audience.Not(var part) -> !matches(part, id, member);
    };
  }

  void begin(Push push, long now) {
    push.started = now;
    push.begun = ++events;
    push.recipients = select(push.audience);
    push.become(Life.RUNNING, now);
    push.tick = tick(push.pace, push.recipients.size());
    push.nextDue = now;
    release(push, now);
  }

  void release(Push push, long now) {
    int remaining = push.recipients.size() - push.released;
    int slice = Math.min(remaining, push.pace == 0 ? remaining : size(push));
    push.released += slice;
    if (slice > 0) {
      push.sliceEnds.add(push.released);
      push.sliceTimes.add(now);
    }
    if (push.released == push.recipients.size()) {
      push.become(Life.COMPLETED, now);
    } else {
      push.nextDue = Math.max(push.nextDue + push.tick, now);
    }
  }

  static int size(Push push) {
    return (int) ((push.pace * push.tick + 999) / 1_000);
  }

  static long tick(int pace, int recipients) {
    return pace == 0 ? 1_000 : Math.max(1_000, recipients * 1_000L / pace / 10_000);
  }
}
