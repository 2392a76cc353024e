package dev.fanfare.volcengine;

/// A way in which a whole request fails: its HTTP status, code and message. Sections 3.5 and 6 of
/// the contract; a code number is never 0, because clients take 0 for success.
enum VolcengineError {
  MISSING_PARAMETER(400, 100002, "MissingParameter", "The request is missing %s parameter."),
  MISSING_AUTHENTICATION_TOKEN(
      401, 100003, "MissingAuthenticationToken", "Request is missing Authentication Token."),
  MISSING_REQUEST_INFO(
      400, 100004, "MissingRequestInfo", "The request is missing X-Date information."),
  MISSING_SIGNATURE(401, 100005, "MissingSignature", "The request is missing signature."),
  INVALID_TIMESTAMP(400, 100006, "InvalidTimestamp", "The Signature of the request is expired."),
  SERVICE_NOT_FOUND(404, 100007, "ServiceNotFound", "This service[%s] not found."),
  INVALID_ACTION_OR_VERSION(
      404, 100008, "InvalidActionOrVersion", "Could not find operation %s for version %s."),
  INVALID_ACCESS_KEY(
      401, 100009, "InvalidAccessKey", "The accesskey [%s] included in the request is invalid."),
  SIGNATURE_DOES_NOT_MATCH(
      401,
      100010,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your"
          + " Secret Access Key and signing method. Consult the service documentation for"
          + " details."),
  ACCESS_DENIED(
      403, 100013, "AccessDenied", "User is not authorized to perform: %s on resource: %s."),
  INTERNAL_ERROR(
      500, 100014, "InternalError", "Service has some internal Error. Pls Contact With Admin."),
  FLOW_LIMIT_EXCEEDED(
      429,
      100018,
      "FlowLimitExceeded",
      "Request was rejected because the request speed of this openAPI is beyond the current flow"
          + " control limit."),
  TOO_MANY_BROADCASTS(
      429,
      100018,
      "FlowLimitExceeded",
      "Request was rejected because the app already has %s live broadcasts."),
  OVER_DAILY_BUDGET(
      429,
      100018,
      "FlowLimitExceeded",
      "Request was rejected because the access key has used its %s broadcasts of the day."),
  SERVICE_UNAVAILABLE(
      503,
      100019,
      "ServiceUnavailableTemp",
      "Service is temporarily unavailable. Nothing was changed. Pls try again later."),
  METHOD_NOT_ALLOWED(405, 100020, "MethodNotAllowed", "The method %s is not allowed, use POST."),
  INVALID_AUTHORIZATION(
      400,
      100024,
      "InvalidAuthorization",
      "Invalid 'Authorization' header, Pls check authorization header."),
  INVALID_CREDENTIAL(
      400,
      100025,
      "InvalidCredential",
      "Invalid credential in 'Authorization', Pls check credential in authorization header."),
  INVALID_SECRET_TOKEN(401, 100026, "InvalidSecretToken", "Invalid secret token, msg: %s"),
  JSON_PARSING_ERROR(
      400, 200001, "JsonParsingError", "The request body is not a JSON object in UTF-8."),
  INVALID_PARAM(400, 200002, "InvalidParam", "%s"),
  BODY_TOO_LARGE(413, 200002, "InvalidParam", "The request body is larger than %s bytes."),
  APP_NOT_FOUND(404, 200003, "AppNotFound", "The app %s does not exist."),
  APP_STATUS_EXCEPTION(403, 200004, "AppStatusException", "The app %s is disabled."),
  NO_AUTH(403, 200005, "NoAuth", "The app %s does not belong to the account of this access key.");

  private final int status;
  private final int number;
  private final String code;
  private final String message;

  VolcengineError(int status, int number, String code, String message) {
    this.status = status;
    this.number = number;
    this.code = code;
    this.message = message;
  }

  int status() {
    return status;
  }

  int number() {
    return number;
  }

  String code() {
    return code;
  }

  /// The exception that carries this error to the face.
  ///
  /// @param details what the message names, in its order
  VolcengineException with(Object... details) {
    return new VolcengineException(this, message.formatted(details));
  }
}
