package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Which accounts of a request failed. Owned by one thread.
///
/// The request succeeds while one account does; the others are in its ErrorList, which is absent
/// when it would be empty.
final class AccountReport {
  private final Set<String> asked = new LinkedHashSet<>();
  private final Map<String, TencentException> failed = new HashMap<>();

  static TencentException notFound() {
    return TencentError.ACCOUNT_NOT_FOUND.with("the account does not exist");
  }

  void asked(String account) {
    asked.add(account);
  }

  /// The account was asked before. The first failure of an account is the one that is told.
  void failed(String account, TencentException why) {
    failed.putIfAbsent(account, why);
  }

  Answer answer() {
    return answer(JsonNodeFactory.instance.objectNode());
  }

  /// @param result what the command answers beside the list; the list is added to it
  Answer answer(ObjectNode result) {
    if (failed.isEmpty()) {
      return Answer.ok(result);
    }
    ArrayNode list = result.putArray("ErrorList");
    for (String account : asked) {
      TencentException why = failed.get(account);
      if (why != null) {
        list.addObject()
            .put("To_Account", account)
            .put("ErrorCode", why.error().code())
            .put("ErrorInfo", why.info());
      }
    }
    return failed.size() < asked.size() ? Answer.ok(result) : Answer.failure(common(), result);
  }

  /// What all accounts failed with, when that is one thing.
  private TencentException common() {
    TencentException first = failed.values().iterator().next();
    boolean same = failed.values().stream().allMatch(why -> why.error() == first.error());
    return same && first.error() != TencentError.ACCOUNT_NOT_FOUND
        ? first
        : TencentError.NO_SUCH_ACCOUNTS.with("none of the accounts could be processed");
  }
}
