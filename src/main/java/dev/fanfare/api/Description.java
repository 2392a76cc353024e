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
/// @param answers what it answers when it is done
record Description(
    String summary, List<Parameter> parameters, Optional<Body> body, List<Answer> answers) {

  private static final String JSON = "application/json";
  private static final String LINES = "application/x-ndjson";

  /// A parameter beside those of the path.
  ///
  /// @param in `query` or `header`
  /// @param example a value that works; empty for none
  record Parameter(String in, String name, String meaning, String example) {}

  /// What a call takes.
  ///
  /// @param schema its name
  /// @param example JSON that works, with single quotes for double quotes
  /// @param mediaType of it; of lines of JSON, schema and example are of one line
  record Body(String mediaType, String schema, String example) {}

  /// What a call answers when it is done.
  ///
  /// @param meaning of this answer beside others
  /// @param mediaType of the body; empty for none
  /// @param schema of the body, or of one line of it; empty when there is none
  record Answer(int status, String mediaType, String schema, String meaning) {
    Answer(int status, String mediaType, String schema) {
      this(status, mediaType, schema, "Done");
    }
  }

  static Description of(String summary) {
    return new Description(summary, List.of(), Optional.empty(), List.of(new Answer(204, "", "")));
  }

  Description answers(int status, String schema) {
    return new Description(summary, parameters, body, List.of(new Answer(status, JSON, schema)));
  }

  /// Answers that are no JSON.
  Description streams(int status, String mediaType) {
    return new Description(summary, parameters, body, List.of(new Answer(status, mediaType, "")));
  }

  Description answersLines(int status, String schema) {
    return new Description(summary, parameters, body, List.of(new Answer(status, LINES, schema)));
  }

  /// Beside what it answers else, nothing.
  ///
  /// @param meaning when
  Description orNothing(String meaning) {
    List<Answer> more = new ArrayList<>(answers);
    more.add(new Answer(204, "", "", meaning));
    return new Description(summary, parameters, body, more);
  }

  Description takes(String schema, String example) {
    return takes(new Body(JSON, schema, example));
  }

  Description takesLines(String schema, String example) {
    return takes(new Body(LINES, schema, example));
  }

  private Description takes(Body taken) {
    return new Description(summary, parameters, Optional.of(taken), answers);
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
    return new Description(summary, more, body, answers);
  }

  /// The query parameters' names.
  List<String> queryNames() {
    return parameters.stream()
        .filter(parameter -> parameter.in().equals("query"))
        .map(Parameter::name)
        .toList();
  }
}
