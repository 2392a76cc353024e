package dev.fanfare.gateway;

import dev.fanfare.app.Cell;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.journal.Position;
import dev.fanfare.replica.Replica;
import java.util.List;

/// Takes what devices without a way to speak post beside their stream of events. Any thread that
/// may wait.
final class ReceiptsByPost {
  private final Replica replica;
  private final CatchUp catchUp;
  private final ReceiptJournal journal;

  ReceiptsByPost(Replica replica, CatchUp catchUp, ReceiptJournal journal) {
    this.replica = replica;
    this.catchUp = catchUp;
    this.journal = journal;
  }

  /// Journals a message of a member. A position counts as far as this history has what it says, and
  /// only for what the member was reached by; one of another history says nothing.
  ///
  /// @throws dev.fanfare.journal.TryAgainException when the journal does not take it now
  void take(Session.Login login, DeviceMessage message) {
    switch (message) {
      case DeviceMessage.Ack(Position position) -> acknowledge(login, position);
      case DeviceMessage.Read(String id) -> read(login, id);
    }
  }

  private void acknowledge(Session.Login login, Position position) {
    switch (replica.place(position)) {
      case Cell.Place.Exact(long offset) -> acknowledge(login, offset);
      case Cell.Place.Lost(long end) -> acknowledge(login, end);
      case Cell.Place.Unknown() -> {}
    }
  }

  private void acknowledge(Session.Login login, long upTo) {
    List<Notice> held = catchUp.acknowledged(login.app(), login.ordinal(), upTo);
    Receipts receipts = new Receipts();
    held.forEach(notice -> receipts.delivered(login.app(), notice.broadcast(), login.ordinal()));
    journal.journal(receipts);
    catchUp.remember(login.app(), login.ordinal(), taken(login.ordinal(), held, upTo));
  }

  /// Up to where everything counts as delivered: what the member was not reached by yet does not,
  /// although it lies below the position, and has to be looked at again.
  private long taken(int ordinal, List<Notice> held, long upTo) {
    return held.stream()
        .filter(notice -> !replica.broadcasts().isDelivered(notice.broadcast(), ordinal))
        .mapToLong(notice -> notice.offset() - 1)
        .findFirst()
        .orElse(upTo);
  }

  private void read(Session.Login login, String id) {
    replica
        .timeline()
        .byId(login.app(), id)
        .ifPresent(broadcast -> {
          Receipts receipts = new Receipts();
          receipts.read(login.app(), broadcast.number(), login.ordinal());
          journal.journal(receipts);
        });
  }
}
