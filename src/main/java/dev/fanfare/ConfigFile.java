package dev.fanfare;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/// A configuration file: YAML, one `key: value` for each setting.
final class ConfigFile {
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private ConfigFile() {}

  /// @throws ConfigException when the file cannot be read or says what nobody understands
  static Map<Setting, String> read(Path path) {
    JsonNode root = parse(path);
    if (root.isMissingNode() || root.isNull()) {
      return Map.of();
    }
    if (!root.isObject()) {
      throw new ConfigException(path + ": has to be lines of key: value");
    }
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    root.properties()
        .forEach(field -> {
          String key = field.getKey();
          Setting setting =
              Setting.named(key)
                  .orElseThrow(() ->
                      new ConfigException(
                          path
                              + ": unknown setting "
                              + key
                              + ", did you mean "
                              + Setting.nearest(key).key()
                              + "?"));
          if (!field.getValue().isValueNode() || field.getValue().isNull()) {
            throw new ConfigException(path + ": " + key + " has to be one value");
          }
          values.put(setting, field.getValue().asText());
        });
    return values;
  }

  /// The line that says a value, quoted where it would else be read as another one.
  static String line(String key, String value) {
    String plain = key + ": " + value;
    return reads(plain, key, value) ? plain : key + ": " + TextNode.valueOf(value);
  }

  private static boolean reads(String line, String key, String value) {
    try {
      JsonNode read = YAML.readTree(line).path(key);
      return read.isValueNode() && !read.isNull() && read.asText().equals(value);
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static JsonNode parse(Path path) {
    try {
      return YAML.readTree(path.toFile());
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new ConfigException(path + ": not YAML at line " + line);
    } catch (IOException e) {
      throw new ConfigException("cannot read the configuration file " + path);
    }
  }
}
