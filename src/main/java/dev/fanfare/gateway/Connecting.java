package dev.fanfare.gateway;

import dev.fanfare.app.App;
import dev.fanfare.app.Cell;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.app.UserSig;
import dev.fanfare.journal.Position;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Member;
import dev.fanfare.member.Platform;
import dev.fanfare.replica.Replica;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Judges who wants to connect: the app, the token, the member, and where the session starts. Reads
/// the store, so it runs beside the shards.
final class Connecting {
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern PLATFORM = Pattern.compile("\\P{Cntrl}{0,32}");

  private static final Turned NOT_REGISTERED =
      new Turned(403, "not_registered", "The member is not registered.");

  private final Replica replica;
  private final LogIns logIns;
  private final BooleanSupplier barrier;
  private final Clock wall;
  private final String node;
  private final AtomicLong admitted = new AtomicLong();

  /// What judging stands on.
  ///
  /// @param node names this run of the node
  /// @param barrier waits until this node knows what others acknowledged; false when it does not
  record Ground(String node, Replica replica, BooleanSupplier barrier, Clock wall) {}

  Connecting(Ground ground, LogIns logIns) {
    this.node = ground.node();
    this.replica = ground.replica();
    this.barrier = ground.barrier();
    this.wall = ground.wall();
    this.logIns = logIns;
  }

  /// What the device says of itself; each part is null when it did not.
  record Claim(
      @Nullable String app,
      @Nullable String token,
      @Nullable String device,
      @Nullable String after,
      @Nullable String platform) {}

  sealed interface Judgement {}

  record Admitted(Session.Login login, Session.Start start) implements Judgement {}

  /// @param status an HTTP status
  record Turned(int status, String code, String detail) implements Judgement, Finding {}

  /// The member whose credential it is, or why there is none.
  sealed interface Finding {}

  record Found(Member member) implements Finding {}

  /// Judges by what this node knows; who would be turned away is judged once more by what all of
  /// them know.
  Judgement judge(Claim claim) {
    long head = replica.timeline().head();
    Judgement judgement = judgeNow(claim);
    if (judgement instanceof Turned turned && (turned.status() == 401 || turned.status() == 403)) {
      var _ = barrier.getAsBoolean();
      if (replica.timeline().head() != head) {
        return judgeNow(claim);
      }
    }
    return judgement;
  }

  private Judgement judgeNow(Claim claim) {
    String device = claim.device() == null ? "" : claim.device();
    if (claim.app() == null) {
      return new Turned(400, "missing_app", "The query has to name the app.");
    }
    if (!device.isEmpty() && !DEVICE.matcher(device).matches()) {
      return new Turned(400, "bad_device", "A device is 1 to 64 characters A-Z a-z 0-9 . _ : -");
    }
    String platform = claim.platform() == null ? "" : claim.platform();
    if (!PLATFORM.matcher(platform).matches()) {
      return new Turned(400, "bad_platform", "A platform is at most 32 characters of text.");
    }
    Optional<App> app = replica.tenants().named(claim.app());
    Optional<Shown> shown = app.flatMap(known -> shown(known, claim.token()));
    if (app.isEmpty() || shown.isEmpty()) {
      return new Turned(401, "bad_token", "The token is missing, wrong, expired or revoked.");
    }
    return switch (app.get().disabled() ? NOT_REGISTERED : found(app.get(), shown.get())) {
      case Turned turned -> turned;
      case Found(Member member) -> {
        Session.Login login =
            new Session.Login(
                app.get().number(),
                app.get().id(),
                member.id(),
                member.ordinal(),
                device,
                shown.get().credential(),
                arrival(member.ordinal(), platform));
        yield new Admitted(login, start(claim.after()));
      }
    };
  }

  /// A credential that is valid now, and whose it is.
  ///
  /// @param registers whether it may register its member
  private record Shown(String member, Session.Credential credential, boolean registers) {}

  /// Reads the credential, whichever of the two kinds it is.
  private Optional<Shown> shown(App app, @Nullable String token) {
    return Optional.ofNullable(token)
        .flatMap(text -> UserSig.hasForm(text) ? userSig(app, text) : deviceToken(app, text))
        .filter(shown ->
            shown
                .credential()
                .isAfter(replica.credentialsNotBefore(app, shown.member(), wall.instant())));
  }

  private Optional<Shown> deviceToken(App app, String text) {
    return DeviceTokens.verify(app, text, now())
        .map(verified -> {
          DeviceTokens.Claims claims = verified.claims();
          Session.Credential credential =
              new Session.Credential(claims.issuedAt(), claims.expiresAt(), verified.key());
          return new Shown(claims.member(), credential, false);
        });
  }

  /// The last second of a UserSig is one in which it is valid; a session ends in the one after it.
  private Optional<Shown> userSig(App app, String text) {
    return switch (UserSig.verify(app, text, _ -> true, now())) {
      case UserSig.Verified found -> {
        long end = Math.min(found.expiresAt(), Long.MAX_VALUE - 1) + 1;
        Session.Credential credential = new Session.Credential(found.time(), end, found.key());
        yield Optional.of(new Shown(found.identifier(), credential, true));
      }
      case UserSig.Failure _ -> Optional.empty();
    };
  }

  /// The member who shows a credential, registered by that if need be.
  private Finding found(App app, Shown shown) {
    Optional<Member> member = replica.member(app, shown.member());
    if (member.isPresent()) {
      return new Found(member.get());
    }
    LogIns.Result result =
        shown.registers()
            ? logIns.register(app, shown.member(), shown.credential().issuedAt(), now())
            : LogIns.Result.REFUSED;
    return switch (result) {
      case DONE ->
          replica.member(app, shown.member()).<Finding>map(Found::new).orElse(NOT_REGISTERED);
      case REFUSED -> NOT_REGISTERED;
      case LATER -> new Turned(503, "over_capacity", "Try again later.");
    };
  }

  private long now() {
    return wall.millis() / 1_000;
  }

  /// Connections are counted from the start of the node, and each start has another name, so no id
  /// comes again.
  private Session.Arrival arrival(int ordinal, String platform) {
    ConnectionId id = ConnectionId.one(node, ordinal, admitted.incrementAndGet());
    return new Session.Arrival(id, Platform.spelled(platform), wall.instant());
  }

  /// Whether a credential has not ended, and neither has the key that signed it. That comes with
  /// time alone: no entry of the journal tells it.
  boolean holds(Session.Login login) {
    Instant now = wall.instant();
    return login.expiresAt() > now.getEpochSecond()
        && replica
            .tenants()
            .byNumber(login.app())
            .filter(app -> login.credential().key().isValid(app, now))
            .isPresent();
  }

  /// Whether the member who logged in is still registered, and not another one under the same id,
  /// and its credential was not revoked since.
  boolean isRegistered(Session.Login login) {
    Instant now = wall.instant();
    Session.Credential credential = login.credential();
    return replica
        .tenants()
        .byNumber(login.app())
        .filter(app -> credential.key().isValid(app, now))
        .filter(app -> credential.isAfter(replica.credentialsNotBefore(app, login.member(), now)))
        .flatMap(app -> replica.member(app, login.member()))
        .map(member -> member.ordinal() == login.ordinal())
        .orElse(false);
  }

  /// Where a session starts that names this position, or none. A node that cannot ask the others
  /// takes a position ahead of it for true: the session waits there until the node has come so far.
  private Session.Start start(@Nullable String after) {
    long head = replica.timeline().head();
    if (after == null) {
      return new Session.Start(0, head, null);
    }
    Optional<Position> named = Position.parse(after);
    Optional<Position> ahead = named.filter(this::isAhead);
    if (ahead.isPresent() && !barrier.getAsBoolean()) {
      return new Session.Start(ahead.get().offset(), 0, null);
    }
    Cell.Place place = named.map(replica::place).orElse(new Cell.Place.Unknown());
    return switch (place) {
      case Cell.Place.Exact(long offset) -> new Session.Start(offset, 0, null);
      case Cell.Place.Lost(long end) -> new Session.Start(end, 0, after);
      case Cell.Place.Unknown() -> new Session.Start(0, head, after);
    };
  }

  /// Whether another node may have told a device something that this one has not applied yet.
  private boolean isAhead(Position named) {
    Position here = replica.position();
    return named.epoch().equals(here.epoch()) && named.offset() > here.offset();
  }
}
