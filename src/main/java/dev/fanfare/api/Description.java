package dev.fanfare.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the OpenAPI document says about a call. Bodies are described by schemas, each a file beside
/// this class's package in the resources.
///
/// @param summary one line
/// @param parameters of query and headers; a query parameter that is not here is refused
/// @param body what the call takes
record Description(String summary, List<Parameter> parameters, Optional<Body> body, Answer answer) {

  /// A parameter beside those of the path.
  ///
  /// @param in `query` or `header`
  /// @param example a value that works; empty for none
  record Parameter(String in, String name, String meaning, String example) {}

  /// What a call takes.
  ///
  /// @param schema its name
  /// @param example JSON that works, with single quotes for double quotes
  record Body(String schema, String example) {}

  /// What a call answers when it is done.
  ///
  /// @param schema of the body, or a media type that is not JSON; empty for no body
  record Answer(int status, String schema) {}

  static Description of(String summary) {
    return new Description(summary, List.of(), Optional.empty(), new Answer(204, ""));
  }

  Description answers(int status, String schema) {
    return new Description(summary, parameters, body, new Answer(status, schema));
  }

  Description takes(String schema, String example) {
    return new Description(summary, parameters, Optional.of(new Body(schema, example)), answer);
  }

  Description query(String name, String meaning, String example) {
    return with(new Parameter("query", name, meaning, example));
  }

  Description header(String name, String meaning) {
    return with(new Parameter("header", name, meaning, ""));
  }

  /// A list that comes page by page.
  Description paged() {
    return query("limit", "Most items of a page, 1 to 1,000; 100 when absent", "")
        .query("cursor", "Where to go on: `cursor` of the page before", "");
  }

  private Description with(Parameter parameter) {
    List<Parameter> more = new ArrayList<>(parameters);
    more.add(parameter);
    return new Description(summary, more, body, answer);
  }

  /// The query parameters' names.
  List<String> queryNames() {
    return parameters.stream()
        .filter(parameter -> parameter.in().equals("query"))
        .map(Parameter::name)
        .toList();
  }
}
