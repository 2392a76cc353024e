package dev.fanfare.app;

import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.ChangeKey;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.RemoveKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Applies the commands that concern the keys of apps. Owned by the applier's thread.
///
/// An access key that several apps hold is one account, so it is the same in all of them: who
/// attaches it has to know its secret, and a change of it changes every copy.
public final class KeyCommands {
  private final AppCommands apps;

  public KeyCommands(AppCommands apps) {
    this.apps = apps;
  }

  public Outcome add(Stamp stamp, int app, AddKey command) {
    AppRecord record = apps.record(app);
    Added added = add(record.getSettings(), stamped(command.getKey(), stamp));
    if (added.refusal().isPresent()) {
      return new Outcome.Refused(added.refusal().get());
    }
    apps.put(record.toBuilder().setSettings(added.settings()).build());
    return new Outcome.Done();
  }

  /// The settings of a new app with all its keys, or why one of them cannot be.
  Added addAll(Stamp stamp, CreateApp created) {
    Added added = new Added(Optional.empty(), Keys.bare(created));
    for (AppKey key : Keys.of(created)) {
      added = add(added.settings(), stamped(key, stamp));
      if (added.refusal().isPresent()) {
        return added;
      }
    }
    return added;
  }

  /// Either a refusal, or the settings with the key.
  record Added(Optional<Refusal> refusal, CreateApp settings) {
    static Added refused(String existing, CreateApp settings) {
      return new Added(Optional.of(new Refusal.AlreadyExists(existing)), settings);
    }
  }

  private Added add(CreateApp settings, AppKey key) {
    if (Keys.find(settings, key.getKind(), key.getName()).isPresent()) {
      return Added.refused("a key of this kind and name", settings);
    }
    return switch (key.getKind()) {
      case VOLCENGINE_ACCESS_KEY -> attach(settings, key);
      case API_KEY ->
          secretTaken(settings, key.getSecret())
              ? Added.refused("an API key with this secret", settings)
              : added(settings, key);
      case TENCENT_SECRET, DEVICE_KEY -> added(settings, key);
      case KIND_UNSPECIFIED, UNRECOGNIZED -> throw unknownKind();
    };
  }

  private static Added added(CreateApp settings, AppKey key) {
    return new Added(Optional.empty(), Keys.with(settings, key));
  }

  /// Adds an access key that other apps may hold: then it has to be the same one.
  private Added attach(CreateApp settings, AppKey key) {
    Optional<AppKey> known =
        apps.all().stream()
            .flatMap(app -> Keys.find(app.getSettings(), key.getKind(), key.getName()).stream())
            .findFirst();
    if (known.isPresent() && !same(known.get(), key)) {
      return Added.refused("this access key with another secret or session token", settings);
    }
    return added(settings, known.orElse(key));
  }

  private static boolean same(AppKey known, AppKey key) {
    return known.getSecret().equals(key.getSecret())
        && (key.getSessionToken().isEmpty()
            || known.getSessionToken().equals(key.getSessionToken()));
  }

  private boolean secretTaken(CreateApp settings, String secret) {
    Predicate<AppKey> taken =
        key -> key.getKind() == AppKey.Kind.API_KEY && key.getSecret().equals(secret);
    return apps.adminKey().equals(secret)
        || settings.getKeysList().stream().anyMatch(taken)
        || apps.all().stream()
            .anyMatch(app -> app.getSettings().getKeysList().stream().anyMatch(taken));
  }

  public Outcome change(int app, ChangeKey command) {
    AppKey.Kind kind = command.getKind();
    if (Keys.find(apps.record(app).getSettings(), kind, command.getName()).isEmpty()) {
      return new Outcome.Refused(new Refusal.KeyNotFound());
    }
    List<AppRecord> holders =
        kind == AppKey.Kind.VOLCENGINE_ACCESS_KEY ? apps.all() : List.of(apps.record(app));
    for (AppRecord holder : holders) {
      Keys.find(holder.getSettings(), kind, command.getName())
          .map(key -> Keys.with(holder.getSettings(), changed(key, command)))
          .ifPresent(settings -> apps.put(holder.toBuilder().setSettings(settings).build()));
    }
    return new Outcome.Done();
  }

  private static AppKey changed(AppKey key, ChangeKey command) {
    AppKey.Builder changed = key.toBuilder();
    if (command.hasDisabled()) {
      changed.setDisabled(command.getDisabled());
    }
    if (command.hasNotAfter()) {
      changed.setNotAfter(command.getNotAfter());
    }
    if (command.hasDailyBroadcasts()) {
      changed.setDailyBroadcasts(command.getDailyBroadcasts());
    }
    if (command.hasActions()) {
      changed.clearActions().addAllActions(command.getActions().getNamesList());
    }
    return changed.build();
  }

  public Outcome remove(int app, RemoveKey command) {
    AppRecord record = apps.record(app);
    Optional<AppKey> key = Keys.find(record.getSettings(), command.getKind(), command.getName());
    if (key.isEmpty()) {
      return new Outcome.Refused(new Refusal.KeyNotFound());
    }
    CreateApp settings = Keys.without(record.getSettings(), key.get());
    apps.put(record.toBuilder().setSettings(settings).build());
    return new Outcome.Done();
  }

  private static AppKey stamped(AppKey key, Stamp stamp) {
    return key.toBuilder().setCreated(stamp.time()).build();
  }

  private static IllegalStateException unknownKind() {
    return new IllegalStateException("a key of no known kind");
  }
}
