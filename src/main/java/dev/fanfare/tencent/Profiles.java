package dev.fanfare.tencent;

import dev.fanfare.member.Member;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Reads accounts for one request. With the app's automatic import every account that can be named
/// exists, with nothing known about it.
record Profiles(State state, Call call) {

  /// Hands each account that exists to a reader, in order, and reports the others.
  AccountReport read(Collection<String> accounts, BiConsumer<String, Optional<Member>> reader) {
    AccountReport report = new AccountReport();
    for (String account : accounts) {
      report.asked(account);
      if (!call.canName(account)) {
        report.failed(account, call.cannotName());
        continue;
      }
      Optional<Member> member = state.member(call.app(), account);
      if (member.isPresent() || call.app().limits().getTencentAutoImport()) {
        reader.accept(account, member);
      } else {
        report.failed(account, AccountReport.notFound());
      }
    }
    return report;
  }
}
