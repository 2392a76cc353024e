package dev.fanfare.gateway;

import dev.fanfare.app.App;
import dev.fanfare.http.RateLimits;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.LogIn;
import dev.fanfare.schema.MemberChange;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/// Registers members that log in with a UserSig for the first time, so many a second for each app.
/// Any thread; waits for the journal.
///
/// Who waits here holds one of the places that all handshakes share ([Entrance]). Only some of them
/// may, so that registered members get in also while the journal takes nothing.
final class LogIns {
  static final int AT_ONCE = 128;

  private static final int MEMBER_ID_BYTES = 64;

  private final Journal journal;
  private final RateLimits rates;
  private final Semaphore permits = new Semaphore(AT_ONCE);

  /// @param nanoTime monotonic, in nanoseconds
  LogIns(Journal journal, LongSupplier nanoTime) {
    this.journal = journal;
    this.rates = new RateLimits(nanoTime);
  }

  /// What became of a login.
  enum Result {
    /// The member is registered now.
    DONE,
    /// The credential may not register anybody.
    REFUSED,
    /// Too many at once, or the journal takes nothing now.
    LATER
  }

  /// Registers a member that is not registered as far as this node knows.
  ///
  /// @param issuedAt of its credential, seconds since the epoch
  /// @param nowSeconds by the node's clock; what is surely too old costs nothing
  Result register(App app, String member, long issuedAt, long nowSeconds) {
    long age = Integer.toUnsignedLong(app.limits().getCredentialAgeSeconds());
    if (issuedAt < nowSeconds - age || !mayBeId(member)) {
      return Result.REFUSED;
    }
    if (!permits.tryAcquire()) {
      return Result.LATER;
    }
    try {
      int perSecond = app.limits().getLoginRegistrationsPerSecond();
      boolean mayNow = rates.take(new RateLimits.Subject(app.id(), "login"), perSecond);
      return mayNow ? propose(command(app, member, issuedAt)) : Result.LATER;
    } finally {
      permits.release();
    }
  }

  private static Command command(App app, String member, long issuedAt) {
    MemberChange change =
        MemberChange.newBuilder()
            .setId(member)
            .setLogIn(LogIn.newBuilder().setIssuedAt(issuedAt))
            .build();
    return Command.newBuilder()
        .setApp(app.number())
        .setChangeMembers(ChangeMembers.newBuilder().addChanges(change))
        .build();
  }

  private Result propose(Command command) {
    try {
      return switch (journal.propose(command)) {
        case Outcome.Members(var refusals) ->
            refusals.getFirst().isEmpty() ? Result.DONE : Result.REFUSED;
        case Outcome.Refused _ -> Result.REFUSED;
        case Outcome.Done _, Outcome.Started _ ->
            throw new IllegalStateException("not an outcome of a change of members");
      };
    } catch (TryAgainException | OutcomeUnknownException _) {
      return Result.LATER;
    }
  }

  private static boolean mayBeId(String member) {
    return member.getBytes(StandardCharsets.UTF_8).length <= MEMBER_ID_BYTES
        && member.codePoints().noneMatch(Character::isISOControl);
  }
}
