package dev.fanfare.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.Ext;
import dev.fanfare.schema.ExtEntry;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Tags;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads one line of an import: a member as PUT takes it, with its id.
///
/// [MemberJson] says what a member may be. Because millions of lines are read, an ordinary one is
/// read here in one go, without a tree; whatever is not ordinary in any way is left to
/// [MemberJson], which takes it or says what is wrong. So this has to be right only about what it
/// takes itself.
final class MemberLine {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private final JsonParser parser;
  private final Set<String> seen = new HashSet<>();
  private final MemberEdit.Builder edit = MemberEdit.newBuilder();
  private String id = "";

  private MemberLine(JsonParser parser) {
    this.parser = parser;
  }

  /// Something that is for [MemberJson] to judge.
  private static final class Extraordinary extends Exception {
    private static final long serialVersionUID = 1L;

    Extraordinary() {
      super(null, null, false, false);
    }
  }

  /// Reads a line.
  ///
  /// @throws ProblemException when it is not a member
  static MemberChange read(Lines line) {
    return quick(line).orElseGet(() -> thorough(line.copy()));
  }

  static MemberChange thorough(byte[] line) {
    Fields body = Json.body(line);
    String id = MemberId.read(body.required("id"), body.at("id"));
    return MemberChange.newBuilder().setId(id).setPut(MemberJson.put(body, id)).build();
  }

  /// The same for an ordinary line; empty for any other.
  static Optional<MemberChange> quick(Lines line) {
    if (holdsWhatIsNoUtf8(line)) {
      return Optional.empty();
    }
    try (JsonParser parser = JSON.createParser(line.buffer(), line.start(), line.length())) {
      return Optional.of(new MemberLine(parser).member());
    } catch (Extraordinary | IOException _) {
      return Optional.empty();
    }
  }

  /// Whether there is something that is never in UTF-8 and that Jackson's parser of bytes lets
  /// pass: 0xFF, with which its table of names fills up short ones, so that it would take `\xFFtag`
  /// for a `tag` that it read before, and what a shorter sequence says as well. Of four bytes it
  /// makes surrogates, which are not ordinary.
  private static boolean holdsWhatIsNoUtf8(Lines line) {
    byte[] bytes = line.buffer();
    int end = line.start() + line.length();
    for (int i = line.start(); i < end; i++) {
      byte lead = bytes[i];
      boolean overlong =
          lead == (byte) 0xC0
              || lead == (byte) 0xC1
              || (lead == (byte) 0xE0 && i + 1 < end && (bytes[i + 1] & 0xFF) < 0xA0);
      if (overlong || lead == (byte) 0xFF) {
        return true;
      }
    }
    return false;
  }

  private MemberChange member() throws IOException, Extraordinary {
    require(parser.nextToken() == JsonToken.START_OBJECT);
    for (String name; (name = parser.nextFieldName()) != null; ) {
      require(seen.add(name));
      parser.nextToken();
      field(name);
    }
    require(parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null);
    require(!id.isEmpty());
    return MemberChange.newBuilder().setId(id).setPut(edit).build();
  }

  private void field(String name) throws IOException, Extraordinary {
    switch (name) {
      case "id" -> {
        id = text(1, ApiLimits.MEMBER_ID_BYTES);
        require(id.chars().noneMatch(Character::isISOControl));
      }
      case "nickName" -> edit.setNickName(text(0, ApiLimits.NICK_NAME_CODE_POINTS));
      case "portrait" -> edit.setPortrait(text(0, ApiLimits.PORTRAIT_BYTES));
      case "tags" -> edit.setTags(tags());
      case "attributes" ->
          pairs(ApiLimits.ATTRIBUTES, ApiLimits.ATTRIBUTE_NAME_BYTES, this::attributeValue)
              .forEach((key, value) ->
                  edit.addAttributes(AttributeEdit.newBuilder().setName(key).setValue(value)));
      case "ext" -> {
        Ext.Builder ext = Ext.newBuilder();
        pairs(ApiLimits.EXT_ENTRIES, ApiLimits.EXT_KEY_BYTES, this::extValue)
            .forEach(
                (key, value) -> ext.addEntries(ExtEntry.newBuilder().setKey(key).setValue(value)));
        edit.setExt(ext);
      }
      case "robot" -> {
        require(parser.currentToken().isBoolean());
        edit.setRobot(parser.getBooleanValue());
      }
      case "createdAt", "modifiedAt", "version" -> {
        // Ignored, but it has to be text.
        var _ = text(0, ApiLimits.PORTRAIT_BYTES);
      }
      default -> throw new Extraordinary();
    }
  }

  private Tags tags() throws IOException, Extraordinary {
    require(parser.currentToken() == JsonToken.START_ARRAY);
    Set<String> names = new LinkedHashSet<>();
    int elements = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(++elements <= ApiLimits.TAGS_PER_CHANGE);
      names.add(text(1, ApiLimits.TAG_BYTES));
    }
    return Tags.newBuilder().addAllNames(names).build();
  }

  private interface Value {
    String read() throws IOException, Extraordinary;
  }

  private String attributeValue() throws IOException, Extraordinary {
    return text(1, ApiLimits.ATTRIBUTE_VALUE_BYTES);
  }

  private String extValue() throws IOException, Extraordinary {
    return text(0, ApiLimits.EXT_VALUE_BYTES);
  }

  private Map<String, String> pairs(int most, int mostNameBytes, Value value)
      throws IOException, Extraordinary {
    require(parser.currentToken() == JsonToken.START_OBJECT);
    Map<String, String> pairs = new TreeMap<>();
    for (String name; (name = parser.nextFieldName()) != null; ) {
      requireText(name, 1, mostNameBytes);
      parser.nextToken();
      require(pairs.put(name, value.read()) == null && pairs.size() <= most);
    }
    return pairs;
  }

  private String text(int leastBytes, int mostBytes) throws IOException, Extraordinary {
    require(parser.currentToken() == JsonToken.VALUE_STRING);
    String text = parser.getText();
    requireText(text, leastBytes, mostBytes);
    return text;
  }

  /// Takes text that is short enough whatever its characters are, or plain.
  private static void requireText(String text, int leastBytes, int mostBytes) throws Extraordinary {
    require(text.length() >= leastBytes && text.length() <= mostBytes);
    boolean plain = true;
    for (int i = 0; i < text.length(); i++) {
      plain &= text.charAt(i) < 0x80;
      require(!Character.isSurrogate(text.charAt(i)));
    }
    require(plain || 3 * text.length() <= mostBytes);
  }

  private static void require(boolean ordinary) throws Extraordinary {
    if (!ordinary) {
      throw new Extraordinary();
    }
  }
}
