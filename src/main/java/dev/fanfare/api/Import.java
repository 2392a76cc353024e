package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.MemberChange;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// One import while it runs: reads lines, makes commands of many of them, and tells what became of
/// them. Owned by the thread of the request.
///
/// A few commands are on their way at a time, in the order of the lines, while the next one is
/// read: enough to keep the journal busy, and little enough that another app, whose commands take
/// turns with these, waits for milliseconds. When the journal is slower than the caller, reading
/// waits.
///
/// `line` in a line of progress says: everything up to here is durable, or was told as rejected. A
/// member that is put again stays as it is, so who is cut off goes on after the last such line.
final class Import {
  /// The most bytes of a line.
  static final int LINE_BYTES = 256 << 10;

  private static final int COMMAND_MEMBERS = 1_000;
  private static final int COMMAND_BYTES = 256 << 10;
  private static final int COMMANDS_ON_THE_WAY = 4;
  private static final Duration TELL_EVERY = Duration.ofMillis(250);

  /// After this the caller has to ask anew, and is judged anew.
  private static final Duration AT_MOST = Duration.ofHours(1);

  private final Call call;
  private final boolean dryRun;
  private final Node node;
  private final OutputStream out;
  private final long begun = System.nanoTime();
  private final Deque<Sent> onTheWay = new ArrayDeque<>();
  private ChangeMembers.Builder changes = ChangeMembers.newBuilder();
  private long[] lines = new long[COMMAND_MEMBERS];
  private int bytes;
  private long settled;
  private long accepted;
  private long rejected;
  private long told = begun;

  /// What the import changes.
  record Node(Replica replica, Journal journal) {}

  /// A command on its way.
  ///
  /// @param lines of its changes, in order
  /// @param upTo the last line that it settles
  private record Sent(Journal.Pending pending, long[] lines, long upTo) {}

  Import(Call call, boolean dryRun, Node node, OutputStream out) {
    this.call = call;
    this.dryRun = dryRun;
    this.node = node;
    this.out = new BufferedOutputStream(out, 64 << 10);
  }

  void run(InputStream stream) throws IOException {
    Lines reader = new Lines(limited(stream), LINE_BYTES);
    try {
      while (reader.advance()) {
        take(reader);
        if (changes.getChangesCount() == COMMAND_MEMBERS || bytes >= COMMAND_BYTES) {
          requireUsable();
          send(reader.number());
        }
      }
      send(reader.number());
      settle(0);
      settled = reader.number();
      tell("end");
    } catch (ProblemException e) {
      stop(e.problem());
    } catch (TryAgainException e) {
      stop(Problem.of(503, "try_again", "go on with the line after this one"));
    } catch (OutcomeUnknownException e) {
      stop(Problem.of(503, "outcome_unknown", "lines after this one may have taken effect"));
    }
    out.flush();
  }

  /// The same stream, until the hour is over: a caller may send a byte now and then.
  private InputStream limited(InputStream stream) {
    return new FilterInputStream(stream) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        if (System.nanoTime() - begun > AT_MOST.toNanos()) {
          throw Problem.of(503, "try_again", "one import lasts an hour at most; go on in another")
              .raise();
        }
        return super.read(into, from, length);
      }
    };
  }

  private void take(Lines line) throws IOException {
    if (line.isBlank()) {
      return;
    }
    try {
      if (line.isTooLong()) {
        String most = "a line may have " + LINE_BYTES + " bytes";
        throw Problem.of(413, "line_too_long", most).raise();
      }
      MemberChange change = MemberLine.read(line);
      if (dryRun) {
        requireAcceptable(change);
      }
      lines[changes.getChangesCount()] = line.number();
      changes.addChanges(change);
      bytes += line.length();
    } catch (ProblemException e) {
      reject(line.number(), e.problem());
    }
  }

  /// What apply would refuse, as far as that is known before.
  private void requireAcceptable(MemberChange change) {
    App app = call.app();
    for (AttributeEdit attribute : change.getPut().getAttributesList()) {
      if (!app.attributeNames().contains(attribute.getName())) {
        throw Problem.of(new Refusal.UnknownAttribute(attribute.getName())).raise();
      }
    }
    int tags = app.limits().getTagsPerMember();
    if (change.getPut().getTags().getNamesCount() > tags) {
      throw Problem.of(new Refusal.TooManyTags(tags)).raise();
    }
  }

  /// Ends an import whose app was disabled meanwhile.
  private void requireUsable() {
    boolean usable =
        node.replica()
            .tenants()
            .byNumber(call.app().number())
            .filter(app -> !app.disabled())
            .isPresent();
    if (!usable) {
      throw Problem.of(403, "app_disabled", "the app is disabled").raise();
    }
  }

  /// Sends what was gathered.
  ///
  /// @param upTo the last line read
  private void send(long upTo) throws IOException {
    int count = changes.getChangesCount();
    if (count > 0) {
      ChangeMembers command = changes.build();
      Journal.Pending pending =
          dryRun
              ? () -> new Outcome.Members(List.of())
              : node.journal().append(call.command().setChangeMembers(command).build());
      onTheWay.add(new Sent(pending, Arrays.copyOf(lines, count), upTo));
      changes = ChangeMembers.newBuilder();
      bytes = 0;
      settle(COMMANDS_ON_THE_WAY - 1);
    }
  }

  /// Waits until no more than so many commands are on their way.
  private void settle(int left) throws IOException {
    while (onTheWay.size() > left) {
      Sent sent = onTheWay.getFirst();
      Outcome outcome = sent.pending().await();
      onTheWay.removeFirst();
      accepted += sent.lines().length;
      settled = sent.upTo();
      if (outcome instanceof Outcome.Members(List<Optional<Refusal>> refusals)) {
        for (int i = 0; i < refusals.size(); i++) {
          if (refusals.get(i).isPresent()) {
            accepted--;
            reject(sent.lines()[i], Problem.of(refusals.get(i).get()));
          }
        }
      } else {
        throw new IllegalStateException("not an outcome of a change of members");
      }
      if (System.nanoTime() - told > TELL_EVERY.toNanos()) {
        tell("progress");
        out.flush();
      }
    }
  }

  private void reject(long line, Problem problem) throws IOException {
    rejected++;
    ObjectNode json = Json.object().put("type", "rejected").put("line", line);
    Answers.describe(json, problem);
    write(json);
  }

  private void tell(String type) throws IOException {
    told = System.nanoTime();
    write(state(type));
  }

  private ObjectNode state(String type) {
    return Json.object()
        .put("type", type)
        .put("line", settled)
        .put("accepted", accepted)
        .put("rejected", rejected);
  }

  /// Waits for what is on its way, as far as that has an outcome, and says why it goes no further.
  private void stop(Problem problem) throws IOException {
    try {
      settle(0);
    } catch (TryAgainException | OutcomeUnknownException _) {
      // Nothing after the first command that failed is settled.
    }
    ObjectNode json = state("problem").put("status", problem.status());
    Answers.describe(json, problem);
    write(json);
  }

  private void write(ObjectNode json) throws IOException {
    out.write(Json.write(json));
    out.write('\n');
  }
}
