package dev.fanfare.replica;

import dev.fanfare.audience.Audience;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the replica should hold, the naive way: maps, sets and loops.
final class Model {
  static final int TAG_LIMIT = 6;

  final Map<String, Person> members = new TreeMap<>();
  final List<Push> pushes = new ArrayList<>();

  static final class Person {
    String nick = "";
    boolean robot;
    final Set<String> tags = new LinkedHashSet<>();
    final Map<String, String> attributes = new TreeMap<>();
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
    long started;
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

    boolean expired(long now) {
      return started > 0 && now >= started + lifetime * 1_000;
    }
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

  private static boolean matches(Audience audience, String id, Person member) {
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
    push.recipients = select(push.audience);
    push.life = Life.RUNNING;
    push.tick = tick(push.pace, push.recipients.size());
    push.nextDue = now;
    release(push, now);
  }

  void release(Push push, long now) {
    int remaining = push.recipients.size() - push.released;
    int slice =
        push.pace == 0
            ? remaining
            : (int) Math.min(remaining, (push.pace * push.tick + 999) / 1_000);
    push.released += slice;
    if (push.released == push.recipients.size()) {
      push.life = Life.COMPLETED;
    } else {
      push.nextDue = Math.max(push.nextDue + push.tick, now);
    }
  }

  static long tick(int pace, int recipients) {
    return pace == 0 ? 1_000 : Math.max(1_000, recipients * 1_000L / pace / 10_000);
  }
}
