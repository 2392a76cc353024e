package dev.fanfare.audit;

/// One thing that somebody did, or the changes of members that one actor made within an hour.
///
/// @param app its number; 0 for the cell
/// @param offset of the journal entry, of the first one for changes of members
/// @param time journal time in milliseconds since the epoch
/// @param actor `admin`, or kind and name of the key, as `api-key/ci`
/// @param action such as `key.add`
/// @param target what it was done to; empty for the app itself
/// @param members how many changes of members; 0 for other actions
/// @param lastTime of the last change of members; 0 for other actions
public record AuditEntry(
    int app,
    long offset,
    long time,
    String actor,
    String action,
    String target,
    long members,
    long lastTime) {}
