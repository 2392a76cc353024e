package dev.fanfare.gateway;

import dev.fanfare.app.App;
import dev.fanfare.app.Cell;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.journal.Position;
import dev.fanfare.member.Member;
import dev.fanfare.replica.Replica;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Judges who wants to connect: the app, the token, the member, and where the session starts. Reads
/// the store, so it runs beside the shards.
final class Connecting {
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern PLATFORM = Pattern.compile("\\P{Cntrl}{0,32}");

  private final Replica replica;
  private final Clock wall;
  private final String started;
  private final AtomicLong admitted = new AtomicLong();

  Connecting(Replica replica, Clock wall) {
    this.replica = replica;
    this.wall = wall;
    this.started = Long.toHexString(wall.millis());
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
  record Turned(int status, String code, String detail) implements Judgement {}

  Judgement judge(Claim claim) {
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
    Optional<DeviceTokens.Claims> claims =
        app.flatMap(known ->
            Optional.ofNullable(claim.token())
                .flatMap(token -> DeviceTokens.verify(known, token, wall.millis() / 1_000)));
    if (app.isEmpty() || claims.isEmpty()) {
      return new Turned(401, "bad_token", "The token is missing, wrong or expired.");
    }
    Optional<Member> member = replica.member(app.get(), claims.get().member());
    if (app.get().disabled() || member.isEmpty()) {
      return new Turned(403, "not_registered", "The member is not registered.");
    }
    Session.Login login =
        new Session.Login(
            app.get().number(),
            app.get().id(),
            member.get().id(),
            member.get().ordinal(),
            device,
            claims.get().expiresAt(),
            arrival(platform));
    return new Admitted(login, start(claim.after()));
  }

  /// Connections are counted from the start of the node, so that no id comes again after a restart.
  private Session.Arrival arrival(String platform) {
    Instant now = wall.instant();
    return new Session.Arrival(
        started + "-" + admitted.incrementAndGet(), Platform.spelled(platform), now);
  }

  /// Whether the member who logged in is still registered, and not another one under the same id.
  boolean isRegistered(Session.Login login) {
    return replica
        .tenants()
        .byNumber(login.app())
        .flatMap(app -> replica.member(app, login.member()))
        .map(member -> member.ordinal() == login.ordinal())
        .orElse(false);
  }

  /// Where a session starts that names this position, or none.
  private Session.Start start(@Nullable String after) {
    long head = replica.timeline().head();
    if (after == null) {
      return new Session.Start(0, head, null);
    }
    Optional<Position> named = Position.parse(after);
    List<Cell.Epoch> epochs = replica.cell().map(Cell::epochs).orElse(List.of());
    for (int i = 0; i < epochs.size(); i++) {
      if (named.isPresent() && epochs.get(i).id().equals(named.get().epoch())) {
        boolean open = i == epochs.size() - 1;
        long end = open ? head : epochs.get(i + 1).firstOffset() - 1;
        return named.get().offset() <= end
            ? new Session.Start(named.get().offset(), 0, null)
            : new Session.Start(end, 0, after);
      }
    }
    return new Session.Start(0, head, after);
  }
}
