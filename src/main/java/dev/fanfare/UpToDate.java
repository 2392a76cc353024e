package dev.fanfare;

import dev.fanfare.http.Face;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;

/// A face that answers with all that any node acknowledged before the request came. While that
/// cannot be told the answer says so in a header.
record UpToDate(Face face, Journal journal) implements Face {
  private static final String READS = "Fanfare-Reads";

  @Override
  public int maxBodyBytes() {
    return face.maxBodyBytes();
  }

  @Override
  public Response answer(Request request) {
    boolean upToDate = journal.barrier();
    Response answer = face.answer(request);
    return upToDate ? answer : answer.with(READS, "local");
  }

  @Override
  public Response tooLarge(Request request) {
    return face.tooLarge(request);
  }

  @Override
  public Response busy(Request request) {
    return face.busy(request);
  }

  @Override
  public boolean readsWhileArriving(String method, String path) {
    return face.readsWhileArriving(method, path);
  }

  @Override
  public Response failure(Request request, RuntimeException cause) {
    return face.failure(request, cause);
  }
}
