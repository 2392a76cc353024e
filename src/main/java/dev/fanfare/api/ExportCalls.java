package dev.fanfare.api;

import dev.fanfare.audience.Audience;
import dev.fanfare.http.Response;
import dev.fanfare.member.Member;
import dev.fanfare.replica.Export;
import dev.fanfare.replica.Replica;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/// Writes all members that an audience selects, one a line, as of one position.
record ExportCalls(Replica replica, Places places) {
  static final int OF_APP = 2;
  static final int OF_ALL = 8;

  private static final int BUFFER_BYTES = 64 << 10;

  /// What an export shows cannot be freed on the disk before it ends.
  private static final Duration AT_MOST = Duration.ofHours(4);

  ExportCalls(Replica replica) {
    this(replica, new Places(OF_APP, OF_ALL));
  }

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/members:export",
                this::open,
                Description.of(
                        "Writes the members that an audience selects, one a line, as of one"
                            + " position, which `Fanfare-Position` tells.")
                    .query("audience", "In its text form; everyone when absent", "tag:vip")
                    .header("Accept-Encoding", "`gzip` compresses")
                    .answersLines(200, "Member"))
            .allows(Access.ALL));
  }

  private Response open(Call call) {
    Audience audience =
        call.query()
            .text("audience")
            .map(text -> AudienceBody.text(text, call.app()))
            .orElseGet(Audience.Everyone::new);
    boolean gzip = call.request().header("Accept-Encoding").filter(ExportCalls::gzip).isPresent();
    if (call.request().method().equals("HEAD")) {
      return Response.streaming(200, "application/x-ndjson", _ -> {});
    }
    int app = call.app().number();
    if (!places.take(app)) {
      String most = "an app may have %d on a node, all apps %d".formatted(OF_APP, OF_ALL);
      throw Problem.of(429, "too_many_exports", most).raise();
    }
    try {
      Export export = replica.export(call.app(), audience);
      Response response =
          Response.streaming(200, "application/x-ndjson", out -> write(export, app, gzip, out))
              .with("Fanfare-Position", export.position().toString())
              .with("Vary", "Accept-Encoding");
      return gzip ? response.with("Content-Encoding", "gzip") : response;
    } catch (RuntimeException e) {
      places.leave(app);
      throw e;
    }
  }

  /// Whether a list of encodings names gzip and does not forbid it.
  static boolean gzip(String accepted) {
    for (String one : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = one.split(";", -1);
      if (parts[0].strip().equals("gzip")) {
        return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  private void write(Export export, int app, boolean gzip, OutputStream out) throws IOException {
    long until = System.nanoTime() + AT_MOST.toNanos();
    try (export) {
      // Closed only when all is written: the end of a part must not look like the end.
      OutputStream coded = gzip ? new GZIPOutputStream(out, BUFFER_BYTES) : out;
      OutputStream lines = new BufferedOutputStream(coded, BUFFER_BYTES);
      do {
        for (Member member : export.next()) {
          lines.write(Json.write(MemberJson.write(member)));
          lines.write('\n');
        }
        if (System.nanoTime() - until > 0) {
          throw new InterruptedIOException("the export took too long");
        }
      } while (!export.isOver());
      lines.close();
    } finally {
      places.leave(app);
    }
  }
}
