package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.RevokeCredentials;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The account services: an account is a registered member.
final class Accounts {
  private static final String NOT_FOUND = "Err_TLS_PT_Open_Login_Account_Not_Exist";
  private static final TencentError WRONG = TencentError.BAD_PARAMETER;

  private final State state;
  private final Journal journal;
  private final MemberChanges changes;

  Accounts(State state, Journal journal, MemberChanges changes) {
    this.state = state;
    this.journal = journal;
    this.changes = changes;
  }

  Answer importOne(Call call) {
    String account = userId(call.body());
    if (!call.canName(account)) {
      throw call.cannotName();
    }
    MemberChange change = registration(account, profile(call, call.body()));
    changes
        .propose(call, List.of(change))
        .getFirst()
        .ifPresent(failure -> {
          throw failure;
        });
    return Answer.ok();
  }

  /// Older clients call the UserID Identifier.
  private static String userId(Fields body) {
    return body.requiredText(body.has("UserID") ? "UserID" : "Identifier", WRONG);
  }

  private static MemberChange registration(String account, MemberEdit profile) {
    return MemberChange.newBuilder().setId(account).setRegister(profile).build();
  }

  private static MemberEdit profile(Call call, Fields fields) {
    MemberEdit.Builder edit = MemberEdit.newBuilder();
    profileText(call, fields, "Nick").ifPresent(edit::setNickName);
    profileText(call, fields, "FaceUrl").ifPresent(edit::setPortrait);
    return edit.build();
  }

  private static Optional<String> profileText(Call call, Fields fields, String name) {
    Optional<String> text = fields.text(name, WRONG);
    int most = call.most(Size.TENCENT_PROFILE);
    if (text.filter(value -> Call.bytes(value) > most).isPresent()) {
      throw TencentError.PROFILE_TOO_LONG.with(
          fields.at(name) + " must have at most " + most + " bytes");
    }
    return text;
  }

  /// Imports what can be; names the accounts that could not.
  Answer importMany(Call call) {
    Set<String> failed = new LinkedHashSet<>();
    List<MemberChange> registrations = new ArrayList<>();
    requested(call)
        .forEach((account, profile) -> {
          if (call.canName(account)) {
            registrations.add(registration(account, profile));
          } else {
            failed.add(account);
          }
        });
    List<Optional<TencentException>> failures = changes.propose(call, registrations);
    for (int i = 0; i < failures.size(); i++) {
      if (failures.get(i).isPresent()) {
        failed.add(registrations.get(i).getId());
      }
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    failed.forEach(result.putArray("FailAccounts")::add);
    return Answer.ok(result);
  }

  /// Names alone, or, in the newer form, objects with profiles. Of an account that comes twice the
  /// last profile counts.
  private static Map<String, MemberEdit> requested(Call call) {
    int most = call.most(Size.TENCENT_IMPORTED_ACCOUNTS);
    Map<String, MemberEdit> requested = new LinkedHashMap<>();
    if (call.body().has("AccountList")) {
      for (Fields account : call.body().objects("AccountList", most, WRONG, WRONG)) {
        requested.put(account.requiredText("UserID", WRONG), profile(call, account));
      }
    } else {
      for (JsonNode account : call.body().list("Accounts", most, WRONG, WRONG)) {
        if (!account.isTextual() || account.textValue().isEmpty()) {
          throw WRONG.with("Accounts must hold strings that are not empty");
        }
        requested.put(account.textValue(), MemberEdit.getDefaultInstance());
      }
    }
    return requested;
  }

  Answer delete(Call call) {
    Map<String, TencentException> failed = new LinkedHashMap<>();
    List<MemberChange> removals = new ArrayList<>();
    Set<String> accounts = items(call, "DeleteItem", Size.TENCENT_DELETED_ACCOUNTS);
    for (String account : accounts) {
      if (call.canName(account)) {
        removals.add(
            MemberChange.newBuilder()
                .setId(account)
                .setRemove(RemoveMember.getDefaultInstance())
                .build());
      } else {
        failed.put(account, call.cannotName());
      }
    }
    List<Optional<TencentException>> failures = changes.propose(call, removals);
    for (int i = 0; i < failures.size(); i++) {
      String account = removals.get(i).getId();
      failures
          .get(i)
          .ifPresent(_ -> failed.put(account, TencentError.ACCOUNT_NOT_FOUND.with(NOT_FOUND)));
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode items = result.putArray("ResultItem");
    for (String account : accounts) {
      TencentException failure = failed.get(account);
      items
          .addObject()
          .put("ResultCode", failure == null ? 0 : failure.error().code())
          .put("ResultInfo", failure == null ? "" : failure.info())
          .put("UserID", account);
    }
    return Answer.ok(result);
  }

  Answer check(Call call) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode items = result.putArray("ResultItem");
    for (String account : items(call, "CheckItem", Size.TENCENT_CHECKED_ACCOUNTS)) {
      boolean known = call.canName(account) && state.member(call.app(), account).isPresent();
      TencentException wrong = call.cannotName();
      items
          .addObject()
          .put("UserID", account)
          .put("ResultCode", call.canName(account) ? 0 : wrong.error().code())
          .put("ResultInfo", call.canName(account) ? "" : wrong.info())
          .put("AccountStatus", known ? "Imported" : "NotImported");
    }
    return Answer.ok(result);
  }

  /// The accounts of a list of objects, each once.
  private static Set<String> items(Call call, String list, Size size) {
    Set<String> accounts = new LinkedHashSet<>();
    for (Fields item : call.body().objects(list, call.most(size), WRONG, WRONG)) {
      accounts.add(item.requiredText("UserID", WRONG));
    }
    return accounts;
  }

  /// Ends an account's sessions and every credential that was issued for it.
  Answer kick(Call call) {
    String account = userId(call.body());
    if (!call.canName(account)) {
      throw call.cannotName();
    }
    Outcome outcome =
        journal.propose(
            call.command()
                .setRevokeCredentials(RevokeCredentials.newBuilder().setId(account))
                .build());
    return switch (outcome) {
      case Outcome.Done _ -> Answer.ok();
      case Outcome.Refused(Refusal.MemberNotFound()) -> throw AccountReport.notFound();
      case Outcome.Refused _, Outcome.Members _, Outcome.Started _ ->
          throw new IllegalStateException("no outcome of a kick: " + outcome);
    };
  }
}
