package dev.fanfare.tencent;

import dev.fanfare.app.App;
import dev.fanfare.app.Network;
import dev.fanfare.app.UserSig;
import dev.fanfare.http.Request;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/// Who calls: an administrator of an app.
record Authentication(App app, String identifier) {
  private static final Pattern SDK_APP_ID = Pattern.compile("[1-9][0-9]{0,17}");

  /// The checks of the query, in their order.
  ///
  /// @throws TencentException when the caller is not an administrator of an app
  static Authentication check(Request request, Action action, State state, Signatures signatures) {
    Query query = Query.parse(request.query());
    if (!query.value("contenttype").orElse("json").equals("json")) {
      throw TencentError.MALFORMED_REQUEST.with("contenttype must be json");
    }
    App app = app(query, state);
    checkCaller(app, request.remoteAddress());
    String identifier =
        query
            .value("identifier")
            .orElseThrow(() -> TencentError.NO_IDENTIFIER.with("identifier is missing"));
    signatures.check(request.countedAddress(), app, identifier, query.value("usersig"));
    if (!app.tencentAdministrators().contains(identifier)) {
      throw action.service().needsAdministrator().with("the caller is no administrator of the app");
    }
    if (app.disabled()) {
      throw TencentError.APP_DISABLED.with("the app is disabled");
    }
    return new Authentication(app, identifier);
  }

  private static App app(Query query, State state) {
    String sdkAppId =
        query
            .value("sdkappid")
            .orElseThrow(() -> TencentError.NO_SDK_APP_ID.with("sdkappid is missing"));
    if (!SDK_APP_ID.matcher(sdkAppId).matches()) {
      throw TencentError.BAD_SDK_APP_ID.with("sdkappid must be a positive integer");
    }
    return state
        .tenants()
        .byTencentSdkAppId(Long.parseLong(sdkAppId))
        .orElseThrow(() -> TencentError.APP_NOT_FOUND.with("no app has this sdkappid"));
  }

  private static void checkCaller(App app, String address) {
    boolean allowed =
        app.tencentCallers().isEmpty()
            || app.tencentCallers().stream()
                .flatMap(text -> Network.parse(text).stream())
                .anyMatch(network -> network.contains(address));
    if (!allowed) {
      throw TencentError.CALLER_NOT_ALLOWED.with("the app takes no calls from this address");
    }
  }

  /// Judges UserSigs. Of those that fail, an address with too many bad ones is not told why;
  /// callers beside it, whose UserSigs are good, go on.
  record Signatures(Clock wall, BadSignatures bad) {

    void check(String address, App app, String identifier, Optional<String> text) {
      Instant now = wall.instant();
      switch (UserSig.verify(app, text.orElse(""), identifier::equals, now.getEpochSecond())) {
        case UserSig.Verified _ -> {
          // The caller holds the app's secret.
        }
        case UserSig.Failure failure -> throw refused(failure, address);
      }
    }

    private TencentException refused(UserSig.Failure failure, String address) {
      if (bad.tooMany(address)) {
        return TencentError.TOO_MANY_BAD_USER_SIGS.with("too many bad usersigs; wait a minute");
      }
      return switch (failure) {
        case MISSING -> TencentError.NO_USER_SIG.with("usersig is missing");
        case UNDECODABLE -> {
          bad.count(address);
          yield TencentError.BAD_USER_SIG.with("usersig is not a UserSig");
        }
        case OTHER_APP ->
            TencentError.USER_SIG_OF_ANOTHER_APP.with("usersig is for another sdkappid");
        case BAD_SIGNATURE -> {
          bad.count(address);
          yield TencentError.USER_SIG_NOT_VERIFIED.with("usersig is not signed by the app");
        }
        case OTHER_IDENTIFIER ->
            TencentError.USER_SIG_OF_ANOTHER.with("usersig is for another identifier");
        case EXPIRED -> TencentError.USER_SIG_EXPIRED.with("usersig has expired");
      };
    }
  }
}
