package dev.fanfare;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a line of the log is written. `logback.xml` starts with text.
enum LogFormat {
  /// For people.
  TEXT,
  /// One JSON object for each event: `timestamp` in milliseconds, `level`, `threadName`,
  /// `loggerName`, `formattedMessage` and, where there is one, `throwable`.
  JSON;

  static Optional<LogFormat> named(String name) {
    return Stream.of(values()).filter(format -> format.text().equals(name)).findFirst();
  }

  /// The name as people write it.
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Writes in this format from now on.
  void use() {
    if (this == JSON && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context
          .getLogger(Logger.ROOT_LOGGER_NAME)
          .iteratorForAppenders()
          .forEachRemaining(appender -> {
            if (appender instanceof OutputStreamAppender<ILoggingEvent> output) {
              output.setEncoder(encoder(context));
            }
          });
    }
  }

  private static JsonEncoder encoder(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMarkers(false);
    encoder.setWithMDC(false);
    encoder.setWithKVPList(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }
}
